import type { NatsBusOptions } from '@sheetflow/bus/nats/nats-bus'
import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import { leaseSettings } from '../../../runtime/torture-hooks.ts'
import type { DriverHome } from '../../driver-type.ts'
import type { BusDriver, BusEraser } from '../bus-driver.ts'
import type { NatsBusConfig } from './config.ts'
import { natsOptions } from './options.ts'

/** Streams on a server of NATS: processes on any machine share them. */
export function driver(config: NatsBusConfig, home: DriverHome): BusDriver {
  const options = (): Promise<NatsBusOptions> => natsOptions(config, home)
  const open = async (log?: Log): Promise<Bus> => {
    const { openNatsBus } = await import('@sheetflow/bus/nats/nats-bus')
    return await openNatsBus({ ...(await options()), ...(log === undefined ? {} : { log }) })
  }
  return {
    isShared: true,
    open,
    openIfThere: () => orNull(open()),
    openLeases: async () => {
      const { openNatsLeases } = await import('@sheetflow/bus/nats/leases')
      return await openNatsLeases({ ...(await options()), ...leaseSettings() })
    },
    openPresence: async () => {
      const { openNatsPresence } = await import('@sheetflow/bus/nats/presence')
      return await openNatsPresence(await options())
    },
    check: async () => {
      const { checkNats } = await import('@sheetflow/bus/nats/checks')
      return await checkNats(await options())
    },
    openEraser: async () => await eraserOf(await options()),
    openFiles: () => Promise.reject(noFiles()),
    strangeFiles: () => [],
  }
}

/** A server that is away: nothing can be looked at. */
async function orNull(opening: Promise<Bus>): Promise<Bus | null> {
  try {
    return await opening
  } catch (error) {
    if (isSheetflowError(error, 'bus/unavailable')) return null
    throw error
  }
}

/** A stream of a server is cut as far as the archive has it. */
async function eraserOf(options: NatsBusOptions): Promise<BusEraser> {
  const { eraseMessages } = await import('@sheetflow/bus/nats/erase-messages')
  return ({ rule, ...request }) => eraseMessages(options, { ...request, wanted: (message) => rule(message) !== null })
}

function noFiles(): SheetflowError {
  return new SheetflowError('app/usage', 'the bus of this configuration is a NATS server, which has no files here', {
    fix: 'The server checks its streams by itself; `nats stream report` shows what it lost.',
  })
}
