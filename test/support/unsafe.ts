/**
 * Characters that a terminal obeys, or that change what is seen unseen; written out by number, apart from the program's
 * own list.
 */
export const UNSAFE_CHARACTERS =
  /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{ad}\u{61c}\u{180e}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{d800}-\u{dfff}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e0fff}]|[\u{fe00}-\u{fe0f}]/u;

/** A name with some of everything. */
export const HOSTILE = "e\u001b[31mX\u009b0m\u202egpj\u200b\u2066\u{e0041}\u007f";
