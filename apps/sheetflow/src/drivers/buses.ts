import type { BusType } from './bus/bus-driver.ts'
import { natsBus, type NatsBusConfig } from './bus/nats/config.ts'
import { sqliteBus, type SqliteBusConfig } from './bus/sqlite/config.ts'

/** The table of buses: each name is a `type` of `bus` in a configuration. */
export const sqlite: BusType<SqliteBusConfig> = { config: sqliteBus, load: () => import('./bus/sqlite/driver.ts') }
export const nats: BusType<NatsBusConfig> = { config: natsBus, load: () => import('./bus/nats/driver.ts') }
