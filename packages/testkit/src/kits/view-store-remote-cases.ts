import { expect } from 'vitest'
import { startScript } from '../remote-script.ts'
import type { RemoteScript } from '../remote-script.ts'
import { STREAM } from './view-store-lab.ts'
import type { ViewStoreCase, ViewStoreLab } from './view-store-lab.ts'
import { checkModel, modelTransaction, prepareModel } from './view-store-model.ts'
import type { RemoteTask } from './view-store-remote/main.ts'

const SCRIPT = new URL('./view-store-remote/main.ts', import.meta.url)
const KILLS = 6
const PREFIXES = 40

function start(kind: 'thread' | 'process', lab: ViewStoreLab, task: RemoteTask): RemoteScript {
  return startScript(kind, SCRIPT, [lab.remote, task])
}

/** Guarantees that need a second connection in another thread or process. */
export const REMOTE_CASES: readonly ViewStoreCase[] = [
  {
    name: 'a reader in another thread sees nothing but prefixes while a process writes and generations are swapped',
    run: async (lab) => {
      await begin(lab)
      const writer = start('process', lab, { do: 'write', joined: 1 })
      const reader = start('thread', lab, { do: 'read' })
      try {
        await Promise.race([reader.reaches(PREFIXES), writer.reaches(Number.MAX_SAFE_INTEGER)])
      } finally {
        await Promise.all([writer.kill(), reader.kill()])
      }
    },
  },
  {
    name: 'after each kill -9 of the writer the store is a prefix with everything that was acknowledged, and goes on',
    run: async (lab) => {
      await begin(lab)
      let before = 1
      for (let kill = 0; kill < KILLS; kill++) {
        const writer = start('process', lab, { do: 'write', joined: 1 + (kill % 3) * 4 })
        const acknowledged = await writer.reaches(before + 5 + kill * 3)
        await writer.kill()
        await using store = await lab.open()
        const found = await checkModel(store)
        expect(found).toBeGreaterThanOrEqual(acknowledged)
        before = found
      }
    },
  },
]

/** The first transaction, so that the file is there for a reader. */
async function begin(lab: ViewStoreLab): Promise<void> {
  await using store = await lab.open()
  await prepareModel(store, 1)
  await store.apply(STREAM, [modelTransaction(1)])
}
