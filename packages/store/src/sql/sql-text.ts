/** A text constant. Only where `\\` in it means itself: in SQLite, and in Postgres with `standard_conforming_strings = on`, which our sessions set. */
export function textConstant(constant: string): string {
  return `'${constant.replaceAll("'", "''")}'`
}
