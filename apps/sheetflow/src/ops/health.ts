import type { RoleReport } from '../runtime/role.ts'

/** The body of `/readyz`: every role with its state and numbers; `ready` if each is, or stands by for another process. */
export interface Readiness {
  readonly ready: boolean
  readonly roles: Readonly<Record<string, RoleReport>>
}

/** Is the whole able to serve? */
export function readiness(reports: Readonly<Record<string, RoleReport>>): Readiness {
  const states = Object.values(reports)
  return { ready: states.length > 0 && states.every(({ state }) => state === 'ready' || state === 'standby'), roles: reports }
}
