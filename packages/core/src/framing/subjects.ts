import { graphSubject, sheetSchemaSubject, sheetSubject, sourceSubject, tableSchemaSubject, tableSubject } from '../subject.ts'

/** Where the messages of one stream go. `table` is the name that stands in the messages. */
export interface StreamSubjects {
  rows(table: string): string
  schema(table: string): string
  readonly commit: string
  readonly control: string
}

/** What a subject holds, decided by its fourth token. */
export type SubjectKind = 'rows' | 'schema' | 'commit' | 'control'

/** Subjects of a source's stream; tables are `schema.table`. */
export function sourceSubjects(source: string): StreamSubjects {
  return {
    rows: memo((table) => tableSubject(source, table)),
    schema: (table) => tableSchemaSubject(source, table),
    commit: sourceSubject(source, '_commit'),
    control: sourceSubject(source, '_ctl'),
  }
}

/** Subjects of a graph's stream; tables are views `workbook.sheet`, and `<graph>._receipts`. */
export function graphSubjects(graph: string): StreamSubjects {
  const receipts = graphSubject(graph, '_receipts')
  return {
    rows: memo((view) => (view.endsWith('._receipts') ? receipts : sheetSubject(view))),
    schema: sheetSchemaSubject,
    commit: graphSubject(graph, '_commit'),
    control: graphSubject(graph, '_ctl'),
  }
}

/** All that is said of one view in its graph's stream, with the frames around it; of other views what stands in a transaction of its own is left out. */
export function viewSubjects(graph: string, view: string): readonly string[] {
  const { rows, schema, commit, control } = graphSubjects(graph)
  return [rows(view), schema(view), commit, control]
}

/** What the messages of a subject of a source or graph stream are (`sf.src.<source>.…`, `sf.wb.<workbook>.…`, `sf.graph.<graph>.…`). */
export function subjectKind(subject: string): SubjectKind {
  switch (fourthToken(subject)) {
    case '_commit':
      return 'commit'
    case '_ctl':
      return 'control'
    case '_schema':
      return 'schema'
    default:
      return 'rows'
  }
}

/** Empty: it has no more than three. */
function fourthToken(subject: string): string {
  let from = 0
  for (let i = 0; i < 3; i++) {
    from = subject.indexOf('.', from) + 1
    if (from === 0) return ''
  }
  const end = subject.indexOf('.', from)
  return subject.slice(from, end < 0 ? subject.length : end)
}

/** A stream has few subjects and many messages. */
function memo(make: (table: string) => string): (table: string) => string {
  const made = new Map<string, string>()
  return (table) => {
    const known = made.get(table)
    if (known !== undefined) return known
    const subject = make(table)
    made.set(table, subject)
    return subject
  }
}
