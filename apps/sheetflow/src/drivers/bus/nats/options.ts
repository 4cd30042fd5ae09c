import path from 'node:path'
import type { NatsBusOptions } from '@sheetflow/bus/nats/nats-bus'
import type { DriverHome } from '../../driver-type.ts'
import type { NatsBusConfig } from './config.ts'

/** Values of the bus that may be secrets. */
const SECRETS = ['password', 'token', 'nkey', 'jwt', 'creds'] as const

/** What the bus, its leases and its presence are opened with: secrets looked up, files found from the folder of the configuration, seconds as milliseconds. */
export async function natsOptions(bus: NatsBusConfig, { root, secret }: Pick<DriverHome, 'root' | 'secret'>): Promise<NatsBusOptions> {
  const { servers, user, tls, replicas, syncInterval, monitor, batches } = bus
  const secrets: Partial<Record<(typeof SECRETS)[number], string>> = {}
  for (const name of SECRETS) {
    const value = bus[name]
    if (value !== undefined) secrets[name] = await secret(value)
  }
  return {
    servers,
    ...secrets,
    ...(user === undefined ? {} : { user }),
    ...(tls === undefined ? {} : { tls: files(tls, root) }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(syncInterval === undefined ? {} : { syncInterval: syncInterval === 'always' ? syncInterval : syncInterval * 1_000 }),
    ...(monitor === undefined ? {} : { monitor }),
    ...(batches === undefined ? {} : { batches }),
  }
}

function files({ ca, cert, key, first }: NonNullable<NatsBusConfig['tls']>, root: string): NonNullable<NatsBusOptions['tls']> {
  return {
    ...(ca === undefined ? {} : { ca: path.resolve(root, ca) }),
    ...(cert === undefined ? {} : { cert: path.resolve(root, cert) }),
    ...(key === undefined ? {} : { key: path.resolve(root, key) }),
    ...(first === undefined ? {} : { first }),
  }
}
