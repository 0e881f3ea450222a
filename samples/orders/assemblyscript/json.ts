/** Deeper data is refused: it would take the stack. */
const MAX_DEPTH: i32 = 64;

/**
 * The members of one JSON object (RFC 8259) that are texts or numbers, as they are written: a text
 * without its quotes and with its escapes. Of several members of one name the last counts.
 */
export class Members {
  readonly texts: Map<string, string> = new Map();
  readonly numbers: Map<string, string> = new Map();

  /** A text; empty where there is none. */
  text(name: string): string {
    return this.texts.has(name) ? this.texts.get(name) : "";
  }

  /** A number as it is written; empty where there is none. */
  number(name: string): string {
    return this.numbers.has(name) ? this.numbers.get(name) : "";
  }
}

/** Reads an object; null if the text is not one JSON object. */
export function members(text: string): Members | null {
  const reader = new Reader(text);
  const found = new Members();
  return reader.object(found, MAX_DEPTH) && reader.ended() ? found : null;
}

/** Whether a text is a whole number such as -17, of up to 18 digits. */
export function isWhole(text: string): bool {
  const first = text.startsWith("-") ? 1 : 0;
  for (let i = first; i < text.length; i++) {
    if (!isDigit(text.charCodeAt(i))) return false;
  }
  return text.length > first && text.length <= first + 18;
}

class Reader {
  private at: i32 = 0;

  constructor(private text: string) {}

  ended(): bool {
    this.space();
    return this.at == this.text.length;
  }

  object(found: Members, depth: i32): bool {
    if (!this.take("{")) return false;
    if (this.take("}")) return true;
    do {
      const name = this.quoted();
      if (name === null || !this.take(":") || !this.value(found, name, depth)) return false;
    } while (this.take(","));
    return this.take("}");
  }

  private value(found: Members, name: string, depth: i32): bool {
    if (depth == 0) return false;
    found.texts.delete(name);
    found.numbers.delete(name);
    this.space();
    if (this.next() == 0x22) {
      const text = this.quoted();
      if (text !== null) found.texts.set(name, text);
      return text !== null;
    }
    if (this.next() == 0x7b) return this.object(new Members(), depth - 1);
    if (this.take("[")) return this.array(depth - 1);
    if (this.take("true") || this.take("false") || this.take("null")) return true;
    const start = this.at;
    if (!this.number()) return false;
    found.numbers.set(name, this.text.substring(start, this.at));
    return true;
  }

  private array(depth: i32): bool {
    if (this.take("]")) return true;
    const elements = new Members();
    do {
      if (!this.value(elements, "", depth)) return false;
    } while (this.take(","));
    return this.take("]");
  }

  private quoted(): string | null {
    if (!this.take('"')) return null;
    const start = this.at;
    while (this.next() >= 0x20) {
      const c = this.next();
      this.at++;
      if (c == 0x22) return this.text.substring(start, this.at - 1);
      if (c == 0x5c && !this.escape()) return null;
    }
    return null;
  }

  private escape(): bool {
    const c = this.next();
    this.at++;
    if (c != 0x75) return c >= 0 && '"\\/bfnrt'.includes(String.fromCharCode(c));
    for (let i = 0; i < 4; i++, this.at++) {
      const hex = this.next();
      const letter = hex | 0x20;
      if (!isDigit(hex) && (hex < 0 || letter < 0x61 || letter > 0x66)) return false;
    }
    return true;
  }

  private number(): bool {
    this.skip("-");
    if (!this.skip("0") && !this.digits()) return false;
    if (this.skip(".") && !this.digits()) return false;
    if (!this.skip("e") && !this.skip("E")) return true;
    if (!this.skip("+")) this.skip("-");
    return this.digits();
  }

  private digits(): bool {
    const start = this.at;
    while (isDigit(this.next())) this.at++;
    return this.at > start;
  }

  /** The next character; -1 at the end. */
  private next(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private take(word: string): bool {
    this.space();
    return this.skip(word);
  }

  private skip(word: string): bool {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private space(): void {
    for (let c = this.next(); c == 0x20 || c == 0x09 || c == 0x0a || c == 0x0d; c = this.next()) {
      this.at++;
    }
  }
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}
