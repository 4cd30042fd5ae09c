import path from 'node:path'
import type { NatsBusOptions } from '@sheetflow/bus/nats/nats-bus'
import type { Config, NatsBusConfig } from './config.ts'
import { secretPlaces } from './secret-places.ts'
import { resolveSecret } from './secret.ts'

/** Values of the bus that may be secrets. */
const SECRETS = ['password', 'token', 'nkey', 'jwt', 'creds'] as const

/** What the driver is opened with: secrets looked up, files found from the folder of the configuration, seconds as milliseconds. */
export async function natsOptions(config: Config, bus: NatsBusConfig, root: string): Promise<NatsBusOptions> {
  const { servers, user, tls, replicas, syncInterval, monitor, batches } = bus
  const secrets: Partial<Record<(typeof SECRETS)[number], string>> = {}
  for (const name of SECRETS) {
    const value = bus[name]
    if (value !== undefined) secrets[name] = (await resolveSecret(value, secretPlaces(config))).reveal()
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
