/** What a word of rbtool's output means. */
export interface Entry {
  readonly means: string;
  /** As it is seen. */
  readonly example: string;
  /** What to do about it. */
  readonly advice: string;
}
