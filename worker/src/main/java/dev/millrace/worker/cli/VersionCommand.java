package dev.millrace.worker.cli;

import dev.millrace.worker.BuildInfo;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace version}: which build this is, and on which JDK it runs. */
@Command(name = "version", description = "Prints the version, the build and the JDK.")
final class VersionCommand implements Callable<Integer>, IVersionProvider {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    for (String line : getVersion()) {
      spec.commandLine().getOut().println(line);
    }
    return CommandLine.ExitCode.OK;
  }

  @Override
  public String[] getVersion() {
    BuildInfo build = BuildInfo.current();
    return new String[] {
      "millrace " + build.version() + " (build " + build.build() + ")",
      "jdk " + Runtime.version() + " (" + System.getProperty("java.vm.vendor") + ")"
    };
  }
}
