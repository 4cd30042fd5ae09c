import type { ColumnType } from '@sheetflow/core/type'

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?$/
const TIME = /^(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/

/**
 * A time as a client may write it (fewer decimals, another offset) in the one form that columns have. Other text is left as it is: whether it
 * is a value of the type is decided by the codec.
 */
export function canonicalTime(type: ColumnType, text: string): string {
  switch (type.type) {
    case 'time': {
      const [, minutes, seconds = '00', fraction = ''] = TIME.exec(text) ?? []
      return minutes === undefined ? text : `${minutes}:${seconds}.${fraction.padEnd(6, '0')}`
    }
    case 'timestamp':
    case 'timestamptz':
      return canonicalTimestamp(type.type, text)
    default:
      return text
  }
}

function canonicalTimestamp(type: 'timestamp' | 'timestamptz', text: string): string {
  const match = TIMESTAMP.exec(text)
  if (match === null) return text
  const [, date = '', minutes = '', seconds = '00', fraction = '', zone] = match
  const micros = fraction.padEnd(6, '0')
  // A moment without a zone, or a zone where none belongs, is a mistake that the codec names.
  if ((zone === undefined) !== (type === 'timestamp')) return text
  if (zone === undefined || zone === 'Z') return `${date}T${minutes}:${seconds}.${micros}${zone ?? ''}`
  const moment = new Date(`${date}T${minutes}:${seconds}${zone}`)
  if (Number.isNaN(moment.getTime())) return text
  return `${moment.toISOString().slice(0, 19)}.${micros}Z`
}
