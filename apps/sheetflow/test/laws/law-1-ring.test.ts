import { encodeBody } from '@sheetflow/core/framing/codec'
import type { AcceptCommand } from '@sheetflow/core/ports/commands'
import { sourceInbox, sourceInboxSubject } from '@sheetflow/core/subject'
import { runs } from '@sheetflow/testkit/runs'
import { describe, expect, test } from 'vitest'
import { foldUpTo } from './bus-fold.ts'
import type { FoldedView } from './bus-fold.ts'
import { Gate, tapped } from './gates.ts'
import { amountsOf, BANK_QUERY, fieldsOf } from './picture-check.ts'
import type { SeenFields, SeenRow } from './picture-check.ts'
import { RunningBank, until } from './running-bank.ts'

const TRANSACTIONS = runs(100, 2_000)
const GRAPH = 'bank'

describe('law 1, ring: nothing reaches a client except as a change that passed the bus', () => {
  test('every picture is what the graph’s stream holds up to its offset, and nothing else', async () => {
    await using ring = await RunningBank.start()
    await ring.ready()
    const token = await ring.token()
    const pages = [ring.client(token), ring.client(token)].map((client) => client.page(BANK_QUERY))
    const pictures = new Map<number, SeenFields[]>()
    for (const page of pages) {
      page.subscribe((picture) => {
        const offset = picture.offsets[GRAPH]
        if (picture.state !== 'live' || offset === undefined) return
        pictures.set(offset, [...(pictures.get(offset) ?? []), fieldsOf(picture)])
      })
    }
    for (let n = 0; n < TRANSACTIONS; n++) {
      await ring.bank.move()
      if (ring.random.chance(0.05)) ring.cut()
      if (n % 10 === 9) await until('every page shows it', () => pages.every((page) => amountsOf(page.picture) === ring.bank.amounts))
    }
    expect(pictures.size).toBeGreaterThanOrEqual(TRANSACTIONS / 10)
    for (const [offset, seen] of pictures) {
      const views = await foldUpTo(ring.bus, GRAPH, offset)
      for (const fields of seen) expect(notFromBus(fields, views), `seed ${ring.seed}, the picture at ${offset}`).toEqual([])
    }
  })

  test('while the graph’s appends are held, no client sees anything of what the source and a command did', async () => {
    const gate = new Gate()
    const accepted: string[] = []
    let ring: RunningBank | null = null
    const commands: AcceptCommand = {
      accept: async ({ id, name, payload }) => {
        accepted.push(id)
        const body = encodeBody({ v: 1, kind: 'command', id, name, payload })
        await ring?.bus.ensure(sourceInbox('vault'))
        await ring?.bus.append(sourceInbox('vault'), [{ subject: sourceInboxSubject('vault', 'command'), id, body }])
        return { id, status: 'accepted', validForMs: 60_000 }
      },
    }
    await using running = await RunningBank.start({
      gate,
      commands,
      busOf: (role, bus) => (role === 'graph' ? tapped(bus, { holds: { stream: 'SF_GRAPH_bank', gate } }) : bus),
    })
    ring = running
    await running.ready()
    const token = await running.token()
    const client = running.client(token)
    const page = client.page('{ accounts { id amount n } }')
    await until('the page is live', () => page.picture.state === 'live' && amountsOf(page.picture) === running.bank.amounts)
    const before = amountsOf(page.picture)
    gate.shut()
    const command = client.command('take_all', { id: 1 })
    await until('the command is accepted', () => accepted.length === 1)
    await running.bank.move(40)
    await until('the graph has computed it', () => gate.held > 0)
    // Whoever asks anew gets no more than who follows.
    const late = running.client(token).page('{ accounts { id amount n } }')
    await until('the late page is live', () => late.picture.state === 'live')
    expect([amountsOf(page.picture), amountsOf(late.picture)]).toEqual([before, before])
    expect(command.id).toBe(accepted[0])
    gate.open()
    const after = running.bank.amounts
    expect(after).not.toBe(before)
    await until('both pages follow', () => [page, late].every(({ picture }) => amountsOf(picture) === after))
  })
})

/** Rows of a picture that the folded stream does not have so, and rows that it has and the picture lacks. */
function notFromBus(fields: SeenFields, views: ReadonlyMap<string, FoldedView>): string[] {
  const { owners = [], accounts = [], ledger = [], top = [] } = fields
  const nested = owners.flatMap((owner) => owner.nested['own'] ?? [])
  const of = (name: string): FoldedView => views.get(`${GRAPH}.${name}`) ?? new Map()
  return [
    ...differences(owners, of('owners'), true),
    ...differences(accounts, of('accounts'), true),
    ...differences(ledger, of('ledger'), true),
    ...differences(nested, of('accounts'), true),
    ...differences(top, of('accounts'), false),
  ]
}

function differences(rows: readonly SeenRow[], view: FoldedView, isWhole: boolean): string[] {
  const wrong = rows.flatMap(({ values }) => {
    const written = view.get(JSON.stringify([values['id']]))
    const differs = Object.entries(values).filter(([name, value]) => written?.[name] !== value)
    return differs.length === 0 ? [] : [`${JSON.stringify(values)}, on the bus ${JSON.stringify(written)}`]
  })
  return isWhole && rows.length !== view.size ? [...wrong, `${rows.length} rows of ${view.size}`] : wrong
}
