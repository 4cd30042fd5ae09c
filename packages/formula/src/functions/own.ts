import type { FunctionDefinition } from './definition.ts'
import { always } from './results.ts'

const RELATED: FunctionDefinition = {
  name: 'RELATED',
  category: 'ours',
  help: 'The value of a column in the row of its table with that key: XLOOKUP by the primary key. In Excel it is XLOOKUP(key, t[key], t[column], if_missing).',
  params: [
    { name: 'column', kind: 'column' },
    { name: 'key', kind: 'value' },
    { name: 'if_missing', kind: 'any', optional: true },
  ],
  result: always('decimal'),
  evaluation: { mode: 'bound' },
  volatility: 'pure',
  examples: [
    { formula: '=RELATED(items[amount], 2)', result: '20' },
    { formula: '=RELATED(items[kind], 99, "?")', result: '"?"' },
    { formula: '=RELATED(items[kind], 99)', result: '#N/A' },
    { formula: '=RELATED(items[kind], [@blank])', result: '#N/A' },
  ],
}

/** Functions that Excel has not. Where a sheet is taken to Excel their values are. */
export const OWN: readonly FunctionDefinition[] = [RELATED]
