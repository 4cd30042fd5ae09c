import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { fieldState, NEXT_STATE, type PageEvent, type PaintState } from './page-state.ts'

/** What is known of a page besides its state: the model that the states must tell the truth about. */
interface Truth {
  hasRows: boolean
  follows: boolean
  isWhole: boolean
  isConnected: boolean
}

const EVENTS: Readonly<Record<PageEvent, { readonly may: (truth: Truth) => boolean; readonly does: (truth: Truth) => void }>> = {
  cached: {
    may: (truth) => !truth.hasRows,
    does: (truth) => Object.assign(truth, { hasRows: true, follows: false, isWhole: true }),
  },
  answered: { may: () => true, does: (truth) => Object.assign(truth, { hasRows: true, isWhole: true }) },
  settled: {
    may: (truth) => truth.hasRows && truth.isConnected,
    does: (truth) => Object.assign(truth, { follows: true, isWhole: true }),
  },
  overdue: {
    may: (truth) => truth.hasRows && truth.isConnected,
    does: (truth) => Object.assign(truth, { follows: false, isWhole: false }),
  },
  cut: { may: (truth) => truth.isConnected, does: (truth) => Object.assign(truth, { follows: false, isConnected: false }) },
  replaced: {
    may: () => true,
    does: (truth) => Object.assign(truth, { hasRows: false, follows: false, isWhole: true }),
  },
}

const events = fc.array(
  fc.constantFrom<PageEvent | 'connected'>('cached', 'answered', 'settled', 'overdue', 'cut', 'replaced', 'connected'),
  {
    maxLength: 40,
  },
)

/** What the state says although it is not so. */
function untrue(state: PaintState, event: PageEvent, { hasRows, follows, isWhole, isConnected }: Truth): string[] {
  const claims: readonly (readonly [claim: string, isUntrue: boolean])[] = [
    ['live: of one moment, and following', state === 'live' && !(hasRows && follows && isWhole && isConnected)],
    ['loading: nothing to show', state === 'loading' && hasRows],
    ['offline: of one moment', state === 'offline' && !isWhole],
    ['settled means live', event === 'settled' && state !== 'live'],
    ['what is not of one moment is stale', !isWhole && state !== 'stale'],
  ]
  return claims.filter(([, isUntrue]) => isUntrue).map(([claim]) => claim)
}

test('whatever happens, the state claims nothing that is not so', () => {
  fc.assert(
    fc.property(events, (happens) => {
      const truth: Truth = { hasRows: false, follows: false, isWhole: true, isConnected: true }
      let state: PaintState = 'loading'
      for (const event of happens) {
        if (event === 'connected') {
          truth.isConnected = true
          continue
        }
        if (!EVENTS[event].may(truth)) continue
        EVENTS[event].does(truth)
        state = NEXT_STATE[state][event]
        expect(untrue(state, event, truth)).toEqual([])
      }
    }),
    { numRuns: 2000 },
  )
})

test('a field never claims more than its page', () => {
  for (const page of Object.keys(NEXT_STATE) as PaintState[]) {
    expect(fieldState(page, { status: 'ready' }, 'live')).toBe(page)
    expect(fieldState(page, { status: 'stale' }, 'live')).toBe(page === 'loading' ? 'loading' : 'stale')
    expect(fieldState(page, { status: 'static' }, null)).toBe('static')
    expect(fieldState(page, { status: 'loading', progress: 0.5 }, 'live')).toBe('loading')
  }
})
