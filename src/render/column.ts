/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}
