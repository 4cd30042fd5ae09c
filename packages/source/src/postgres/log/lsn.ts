/**
 * A place in Postgres' log as the text that marks and transactions carry: 8/8 upper-case hex digits (`0000001A/00003F3C`), so that
 * comparing texts compares places.
 */
export type Lsn = string

/** The first place: before everything. */
export const NO_LSN: Lsn = '00000000/00000000'

/** From the two halves of the wire form. */
export function lsnOf(high: number, low: number): Lsn {
  return `${hex8(high)}/${hex8(low)}`
}

/** From what Postgres prints (`1A/3F3C`). */
export function lsnFromSql(text: string): Lsn {
  const [high = '0', low = '0'] = text.split('/')
  return `${high.toUpperCase().padStart(8, '0')}/${low.toUpperCase().padStart(8, '0')}`
}

/** As a number of bytes; exact for what a log ever holds in practice (2⁵³ bytes are 8 PiB). For distances in metrics. */
export function lsnBytes(lsn: Lsn): number {
  return Number.parseInt(lsn.slice(0, 8), 16) * 2 ** 32 + Number.parseInt(lsn.slice(9), 16)
}

/** Writes the 8 bytes of the wire form. */
export function writeLsn(lsn: Lsn, into: Buffer, at: number): void {
  into.writeUInt32BE(Number.parseInt(lsn.slice(0, 8), 16), at)
  into.writeUInt32BE(Number.parseInt(lsn.slice(9), 16), at + 4)
}

/** The smaller of two places. */
export function minLsn(a: Lsn, b: Lsn): Lsn {
  return a < b ? a : b
}

function hex8(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0')
}
