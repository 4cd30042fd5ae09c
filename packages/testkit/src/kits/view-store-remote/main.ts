import { isSheetflowError } from '@sheetflow/core/errors'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import { remoteArgument, runRemote } from '../../remote-script.ts'
import { STREAM } from '../view-store-lab.ts'
import type { Reader, RemoteViewStore } from '../view-store-lab.ts'
import { checkModel, modelTransaction, prepareModel } from '../view-store-model.ts'

/** What the kit has done in another thread or process. */
export type RemoteTask =
  /** Applies the model's stream from where the store is, `joined` transactions at a time, until it is killed; says each offset. */
  | { readonly do: 'write'; readonly joined: number }
  /** Checks that what it reads is a prefix, over and over; says how many different prefixes it has seen. */
  | { readonly do: 'read' }

const [remote, task] = remoteArgument() as [RemoteViewStore, RemoteTask]

await runRemote(async (say) => {
  const module = (await import(remote.module)) as Record<string, (argument: unknown) => unknown>
  const open = module[task.do === 'write' ? remote.open : remote.openReader]
  if (open === undefined) throw new Error(`${remote.module} has no such function`)
  const store = await open(remote.argument)
  if (task.do === 'write') await write(store as ViewStore, task.joined, say)
  else await check(store as Reader, say)
})

async function write(store: ViewStore, joined: number, say: (offset: number) => void): Promise<void> {
  let n = (await store.position(STREAM))?.offset ?? 0
  for (;;) {
    const transactions = Array.from({ length: joined }, (_, i) => modelTransaction(n + 1 + i))
    for (let i = 1; i <= joined; i++) await prepareModel(store, n + i)
    await store.apply(STREAM, transactions)
    n += joined
    say(n)
    await store.tidy()
  }
}

async function check(store: Reader, say: (prefixes: number) => void): Promise<void> {
  let last = 0
  for (let seen = 0; ;) {
    const n = await checkModel(store).catch((error: unknown) => {
      // A generation may be replaced between finding it out and asking for it.
      if (isSheetflowError(error, 'query/not-ready')) return last
      throw error
    })
    if (n < last) throw new Error(`the store went back from ${last} to ${n}`)
    if (n > last) say(++seen)
    last = n
    // Messages and the end of a thread come between turns.
    await new Promise(setImmediate)
  }
}
