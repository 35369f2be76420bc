interface SqlTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export type SqlReport = ReturnType<typeof sqlReport>;

/** The report of `sql`, as its JSON document (schemas/sql.json). */
export function sqlReport({ columns, rows }: SqlTable) {
  return { schema: "rbtool/sql/1" as const, columns, rows };
}
