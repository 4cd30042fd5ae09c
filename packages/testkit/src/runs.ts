/** Is this `npm run test:full`, the long form of everything? */
export const LONG: boolean = process.env['SHEETFLOW_FULL'] === '1'

/** How often a property is tried, or how long something random goes on: in `npm test`, and in `npm run test:full`. */
export function runs(normal: number, full: number): number {
  return LONG ? full : normal
}

/**
 * Where what is random begins. `npm test` begins at the same place each time, so that what fails in it was done by what was changed; what nobody has met yet is looked for by
 * `npm run test:full`, which begins elsewhere each time. `SHEETFLOW_SEED` says where.
 */
export const SEED: number = Number(process.env['SHEETFLOW_SEED'] ?? runs(1, Date.now() % 1_000_000_000))
