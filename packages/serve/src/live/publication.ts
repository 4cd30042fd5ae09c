import type { ViewStatus } from '@sheetflow/core/message'

/** The JSON text of a publication with rows: `{"o":…,"rows":[…]}` (FORMATS 8), and how the view stands if that has to be told. */
export function rowsPublication(offset: number, rows: readonly string[], status: ViewStatus | null = null): string {
  return `{"o":${offset},${statusText(status)}"rows":[${rows.join(',')}]}`
}

/** `{"o":…,"reset":true,"spread":…}`: ask this root field again, within so many milliseconds. */
export function resetPublication(offset: number, spreadMs: number): string {
  return `{"o":${offset},"reset":true,"spread":${spreadMs}}`
}

/** `{"o":…,"reset":true,"rows":[…]}`: these rows replace the list. */
export function contentPublication(offset: number, rows: readonly string[], status: ViewStatus | null = null): string {
  return `{"o":${offset},"reset":true,${statusText(status)}"rows":[${rows.join(',')}]}`
}

/** The push of a publication in the Centrifugo protocol. The offset of a publication is the offset of its transaction. */
export function pushText(channel: string, offset: number, data: string): string {
  return `{"push":{"channel":"${channel}","pub":{"data":${data},"offset":${offset}}}}`
}

/** A publication inside a subscribe reply. */
export function recoveredText(offset: number, data: string): string {
  return `{"data":${data},"offset":${offset}}`
}

function statusText(status: ViewStatus | null): string {
  return status === null ? '' : `"status":"${status}",`
}
