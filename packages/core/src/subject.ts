import { SheetflowError } from './errors.ts'

/** Names of streams and subjects (FORMATS 3). Our names are checked, foreign tokens percent-escaped; tokens that begin with `_` are reserved. */

const OUR_NAME = /^[a-z][a-z0-9_]*$/

/** The name, if it is one of ours (`[a-z][a-z0-9_]*`); else `core/bad-name`. */
export function ourName(name: string, what: string): string {
  if (OUR_NAME.test(name)) return name
  throw new SheetflowError('core/bad-name', `${what} '${name}' is not a name`, {
    fix: 'Use lower-case letters, digits and _, beginning with a letter.',
  })
}

/** A foreign name as one subject token: anything but letters, digits, `_` and `-` is percent-escaped, as is a leading `_`. Lone surrogates are U+FFFD. */
export function subjectToken(foreign: string): string {
  const escaped = foreign.toWellFormed().replace(/[^A-Za-z0-9_-]/gu, (c) => encodeURIComponent(c).replace(/[!'()*.~]/g, percent))
  return escaped.startsWith('_') ? `%5F${escaped.slice(1)}` : escaped === '' ? '%' : escaped
}

/** The foreign name of a subject token. */
export function fromSubjectToken(token: string): string {
  return token === '%' ? '' : decodeURIComponent(token)
}

/** `SF_SRC_<source>` */
export function sourceStream(source: string): string {
  return `SF_SRC_${ourName(source, 'source')}`
}
/** `SF_GRAPH_<graph>` */
export function graphStream(graph: string): string {
  return `SF_GRAPH_${ourName(graph, 'graph')}`
}
/** `SF_IN_SRC_<source>` */
export function sourceInbox(source: string): string {
  return `SF_IN_SRC_${ourName(source, 'source')}`
}
/** `SF_IN_GRAPH_<graph>` */
export function graphInbox(graph: string): string {
  return `SF_IN_GRAPH_${ourName(graph, 'graph')}`
}

/** Subject of the rows of `schema.table` (the table may itself contain dots; the schema may not). */
export function tableSubject(source: string, table: string): string {
  return `sf.src.${ourName(source, 'source')}.${tableTokens(table)}`
}
export function tableSchemaSubject(source: string, table: string): string {
  return `sf.src.${ourName(source, 'source')}._schema.${tableTokens(table)}`
}
/** A pattern: the schemas of all tables of a source. */
export function allTableSchemas(source: string): string {
  return `sf.src.${ourName(source, 'source')}._schema.>`
}
/** Subjects `_commit` and `_ctl` of a source. */
export function sourceSubject(source: string, which: '_commit' | '_ctl'): string {
  return `sf.src.${ourName(source, 'source')}.${which}`
}
/** Subject of the rows of a sheet `workbook.sheet`. */
export function sheetSubject(view: string): string {
  return `sf.wb.${view}`
}
/** `sf.wb.<workbook>._schema.<sheet>` */
export function sheetSchemaSubject(view: string): string {
  const [workbook, sheet] = view.split('.', 2)
  return `sf.wb.${workbook ?? ''}._schema.${sheet ?? ''}`
}
/** A pattern: the schemas of all views of a graph's stream, `_receipts` among them. */
export const ALL_SHEET_SCHEMAS: string = 'sf.wb.*._schema.*'
export function graphSubject(graph: string, which: '_commit' | '_ctl' | '_receipts'): string {
  return `sf.graph.${ourName(graph, 'graph')}.${which}`
}
/** Where a graph says how its dead letters stand: beside its other control messages, so that the last one of either kind can be asked for. */
export function lettersSubject(graph: string): string {
  return `${graphSubject(graph, '_ctl')}.letters`
}
export function sourceInboxSubject(source: string, kind: 'command' | 'resnapshot' | 'reread'): string {
  return `sf.in.src.${ourName(source, 'source')}.${kind}`
}
export function graphInboxSubject(
  graph: string,
  kind: 'tick' | 'result' | 'edit' | 'deploy' | 'activate' | 'refill' | 'receipt' | 'letter',
): string {
  return `sf.in.graph.${ourName(graph, 'graph')}.${kind}`
}

/** `schema.table` of a subject that `tableSubject` made; of any other one something that no table is called. */
export function tableOfSubject(subject: string): string {
  const [, , , schema = '', table = ''] = subject.split('.')
  try {
    return `${fromSubjectToken(schema)}.${fromSubjectToken(table)}`
  } catch {
    return subject
  }
}

/** Does the subject match a pattern (`*` one token, `>` one or more at the end)? */
export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject || pattern === '>') return true
  const wanted = pattern.split('.')
  const given = subject.split('.')
  for (const [i, token] of wanted.entries()) {
    if (token === '>') return given.length > i
    if (given[i] === undefined || (token !== '*' && token !== given[i])) return false
  }
  return wanted.length === given.length
}

function tableTokens(table: string): string {
  const dot = table.indexOf('.')
  return `${subjectToken(table.slice(0, dot))}.${subjectToken(table.slice(dot + 1))}`
}

function percent(c: string): string {
  return `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
