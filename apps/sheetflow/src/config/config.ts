import type { ArchiveConfig } from '../drivers/archive/archive-driver.ts'
import type * as archives from '../drivers/archives.ts'
import type * as buses from '../drivers/buses.ts'
import type { DriverConfig, InputOf } from '../drivers/driver-type.ts'
import type { SourceConfig } from '../drivers/source/source-driver.ts'
import type * as sources from '../drivers/sources.ts'
import type * as stores from '../drivers/stores.ts'
import type { SecretRef } from './secret.ts'

/** The whole configuration (FORMATS 10) with all defaults filled in; secrets are references still, paths as written. */
export interface Config {
  readonly data: string
  readonly sources: Readonly<Record<string, SourceConfig>>
  readonly bus: DriverConfig
  /** Where older segments of streams go; absent: what is trimmed is gone. */
  readonly archive?: ArchiveConfig | undefined
  readonly stores: Readonly<Record<string, DriverConfig>>
  /** Where big values lie. */
  readonly blobs?: { readonly dir: string } | undefined
  readonly secrets: readonly { readonly type: 'env' }[]
  readonly workbooks: string
  readonly graphs: Readonly<Record<string, readonly string[]>>
  /** Module whose default export is `defineFunctions({…})`, relative to the configuration. */
  readonly functions?: string | undefined
  readonly serve: ServeConfig
  readonly ops: OpsConfig
  readonly limits: LimitsConfig
}

/** What is served, where, and to whom. */
export interface ServeConfig {
  readonly port: number
  readonly host: string
  readonly page?: string | undefined
  readonly origins: readonly string[]
  readonly operations?: string | undefined
  /** Signs channels and windows; processes that serve the same clients share it. Absent: a file in the data folder. */
  readonly key?: string | SecretRef | undefined
  readonly persistedOnly: boolean
  /** How long clients are sent elsewhere before it ends (SIGTERM). Absent: 5 where other processes may serve, else 0. */
  readonly drainSeconds?: number | undefined
  readonly identity: IdentityConfig
}

/** Where a process answers `/healthz`, `/readyz` and `/metrics` beside what it serves. */
export interface OpsConfig {
  /** Absent: any free port, in processes that do not serve (those that do answer on their own port). */
  readonly port?: number | 'off' | undefined
  readonly host: string
}

/** How tokens are verified, and which claims say who and in which role. */
export interface IdentityConfig {
  readonly jwks?: string | undefined
  readonly secret?: string | SecretRef | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  readonly role: string
  readonly user: string
  /** Claims of the token that `sheetflow dev` makes for its page; not used otherwise. */
  readonly dev: Readonly<Record<string, string | number | boolean | null>>
}

/** Bounds (law 12). Sizes in bytes or as text like `'4 GB'`. */
export interface LimitsConfig {
  readonly stepRows: number
  readonly stateBytes: number | string
  readonly listRows: number
  readonly channelRows: number
  readonly streamBytes: number | string
  readonly retentionHours: number
}

/** What a developer writes: everything but the sources has a default. */
export interface ConfigInput {
  readonly data?: string | undefined
  readonly sources: Readonly<Record<string, InputOf<typeof sources>>>
  readonly bus?: InputOf<typeof buses> | undefined
  readonly archive?: InputOf<typeof archives> | undefined
  readonly stores?: Readonly<Record<string, InputOf<typeof stores>>> | undefined
  readonly blobs?: Config['blobs'] | undefined
  readonly secrets?: Config['secrets'] | undefined
  readonly workbooks?: string | undefined
  readonly graphs?: Config['graphs'] | undefined
  readonly functions?: Config['functions']
  readonly serve?: (Partial<Omit<ServeConfig, 'identity'>> & { readonly identity?: Partial<IdentityConfig> }) | undefined
  readonly ops?: Partial<OpsConfig> | undefined
  readonly limits?: Partial<LimitsConfig> | undefined
}

/** For the editor's sake: types the object that `sheetflow.config.ts` exports. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}

/** Bytes of a size such as `'4 GB'` (powers of 1,000). */
export function sizeBytes(size: number | string): number {
  if (typeof size === 'number') return size
  const [, amount = '0', unit = 'B'] = /^([\d.]+)\s*([A-Za-z]+)$/.exec(size) ?? []
  return Math.round(Number(amount) * ({ B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[unit] ?? 1))
}
