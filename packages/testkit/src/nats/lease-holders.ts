import type { Leases } from '@sheetflow/core/ports/leases'

/** The process that holds the lease of each role, by its number: `capture:shop` → 4711. A role that nobody holds is not in it; a holder that was killed is, until it is taken over. */
export async function leaseHolders(leases: Leases): Promise<ReadonlyMap<string, number>> {
  const held = (await leases.list()).flatMap(({ name, holder }) => (holder === null ? [] : [[name, pidOf(holder)] as const]))
  return new Map(held)
}

/** `machine/4711/m1x2` → 4711 */
function pidOf(holder: string): number {
  return Number(holder.split('/')[1])
}
