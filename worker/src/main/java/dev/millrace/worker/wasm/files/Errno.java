package dev.millrace.worker.wasm.files;

/**
 * The WASI preview 1 error numbers that the host answers.
 *
 * @see <a
 *     href="https://github.com/WebAssembly/WASI/blob/v0.2.1/legacy/preview1/docs.md#errno">errno</a>
 */
public final class Errno {

  public static final int SUCCESS = 0;
  public static final int BADF = 8;
  public static final int EXIST = 20;
  public static final int ILSEQ = 25;
  public static final int INVAL = 28;
  public static final int ISDIR = 31;
  public static final int MFILE = 33;
  public static final int NAMETOOLONG = 37;
  public static final int NOENT = 44;
  public static final int NOSPC = 51;
  public static final int NOSYS = 52;
  public static final int NOTDIR = 54;
  public static final int NOTEMPTY = 55;
  public static final int NOTSOCK = 57;
  public static final int NOTSUP = 58;
  public static final int PERM = 63;
  public static final int ROFS = 69;
  public static final int SPIPE = 70;

  private Errno() {}
}
