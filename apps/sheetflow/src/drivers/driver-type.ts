import type { z } from 'zod'
import { must } from '@sheetflow/core/assert'
import type { SchemaWords } from '../config/schema-words.ts'
import type { SecretRef } from '../config/secret.ts'

/** A part of the configuration that picks a driver. What else stands in it is the driver's own: nobody else can read it. */
export interface DriverConfig {
  readonly type: string
}

/** What every driver is told of the place in which it is opened. */
export interface DriverHome {
  /** The folder of the configuration: paths in it are relative to that. */
  readonly root: string
  /** The data folder, where a driver puts what the configuration gives no place. */
  readonly data: string
  /** The text of a value that may be a secret, looked up now; `config/secret` if nobody knows it. */
  secret(value: string | SecretRef): Promise<string>
}

/** The schema of a driver's part of the configuration. Its `type` is a literal, by which the drivers of a kind are told apart. */
export type DriverSchema<Own, Input = Own> = (words: SchemaWords) => z.ZodType<Own, Input> & z.core.$ZodTypeDiscriminable

/**
 * One driver, as the table of its kind has it: its part of the configuration, which is checked at every start, and the driver, which is loaded
 * when it is asked for, so that a thread holds only what its role uses.
 */
export interface DriverType<Own extends DriverConfig, Input, Home extends DriverHome, Driver> {
  /** Its `type` is the name under which it stands in the table. */
  readonly config: DriverSchema<Own, Input>
  /** Loads its file. What of it only some roles use, that file loads in turn. */
  readonly load: () => Promise<{ readonly driver: (config: Own, home: Home) => Driver }>
}

/** The drivers of one kind, by the `type` of the configuration. */
export type DriverTable<Part extends DriverConfig, Home extends DriverHome, Driver> = Readonly<
  Record<
    string,
    {
      readonly config: DriverSchema<Part, unknown>
      // `never`: which configuration goes with which driver is checked where the two stand together, in `DriverType`.
      readonly load: () => Promise<{ readonly driver: (config: never, home: Home) => Driver }>
    }
  >
>

/** What a developer may write for one of these drivers. */
export type InputOf<Table extends DriverTable<DriverConfig, never, unknown>> = z.input<ReturnType<Table[keyof Table]['config']>>

/** Loads the driver that a checked configuration picks. */
export async function loadDriver<Home extends DriverHome, Driver>(
  table: DriverTable<DriverConfig, Home, Driver>,
  config: DriverConfig,
  home: Home,
): Promise<Driver> {
  const { driver } = await must(table[config.type], `the configuration was checked: there is a driver ${config.type}`).load()
  return driver(config as never, home)
}
