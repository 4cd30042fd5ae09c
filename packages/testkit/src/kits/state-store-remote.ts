import type { StateStore } from '@sheetflow/core/ports/state-store'
import { remoteArgument, runRemote } from '../remote-script.ts'
import type { RemoteStateStore } from './state-store-kit.ts'
import { modelSave } from './state-store-model.ts'

/** Saves the model's checkpoints from where the store is, until it is killed; says each number. */
const remote = remoteArgument() as RemoteStateStore

await runRemote(async (say) => {
  const module = (await import(remote.module)) as Record<string, (argument: unknown) => unknown>
  const store = (await module[remote.open]?.(remote.argument)) as StateStore
  for (let n = ((await store.load())?.head.output.offset ?? 0) + 1; ; n++) {
    await store.save(modelSave(n))
    say(n)
    await new Promise(setImmediate)
  }
})
