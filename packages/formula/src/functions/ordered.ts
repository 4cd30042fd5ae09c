import type { FunctionDefinition, Parameter } from './definition.ts'
import { always } from './results.ts'

const COLUMN = { name: 'column', kind: 'column' } as const
const RANKED = [{ name: 'number', kind: 'value' }, COLUMN, { name: 'order', kind: 'number', optional: true, fallback: 0 }] as const

/** A function over the order or spread of a whole column: the binder makes an aggregate of it (bind/bind-ordered.ts). */
function over(name: string, help: string, params: readonly Parameter[], examples: FunctionDefinition['examples']): FunctionDefinition {
  return {
    name,
    category: 'statistical',
    help,
    params,
    result: always('decimal'),
    evaluation: { mode: 'bound' },
    volatility: 'pure',
    examples,
  }
}

function kth(name: string, help: string, k: string, results: readonly [formula: string, result: string][]): FunctionDefinition {
  return over(
    name,
    help,
    [COLUMN, { name: k, kind: 'number' }],
    [
      ...results.map(([formula, result]) => ({ formula, result })),
      { formula: `=${name}(items[amount], [@blank]-1)`, result: '#NUM!' },
      { formula: `=${name}(items[broken], 1)`, result: '#N/A' },
    ],
  )
}

function ranking(name: string, help: string): FunctionDefinition {
  return over(name, help, RANKED, [
    { formula: `=${name}(20, items[amount])`, result: '2' },
    { formula: `=${name}(30.5, items[amount], 1)`, result: '3' },
    { formula: `=${name}([@blank], items[amount])`, result: '#N/A' },
    { formula: `=${name}(2, items[broken])`, result: '#N/A' },
  ])
}

function spread(name: string, help: string, result: string): FunctionDefinition {
  return over(
    name,
    help,
    [COLUMN],
    [
      { formula: `=${name}(items[amount])`, result },
      { formula: `=${name}(items[amount])+[@blank]`, result },
      { formula: `=${name}(items[broken])`, result: '#N/A' },
    ],
  )
}

const PERCENTILES: [string, string][] = [
  ['=PERCENTILE(items[amount], 0.5)', '20'],
  ['=PERCENTILE(items[amount], 0.9)', '28.4'],
]

/** Over the order of a column's values, over their spread, and how many Blanks there are. */
export const ORDERED: readonly FunctionDefinition[] = [
  kth('LARGE', 'The k-th largest value of a column; beyond the last #NUM!.', 'k', [
    ['=LARGE(items[amount], 1)', '30.5'],
    ['=LARGE(items[id], 1.2)', '2'],
  ]),
  kth('SMALL', 'The k-th smallest value of a column; beyond the last #NUM!.', 'k', [
    ['=SMALL(items[amount], 2)', '20'],
    ['=SMALL(items[amount], 4)', '#NUM!'],
  ]),
  over(
    'MEDIAN',
    'The value in the middle of a column, or the mean of the two there; of none #NUM!.',
    [COLUMN],
    [
      { formula: '=MEDIAN(items[amount])', result: '20' },
      { formula: '=MEDIAN(items[amount])+[@blank]', result: '20' },
      { formula: '=MEDIAN(items[broken])', result: '#N/A' },
    ],
  ),
  kth('PERCENTILE', 'The value below which the part k (0 to 1) of a column lies, between neighbours in proportion.', 'k', PERCENTILES),
  kth(
    'PERCENTILE.INC',
    'As PERCENTILE: k from 0, the smallest value, to 1, the greatest.',
    'k',
    PERCENTILES.map(([formula, result]) => [formula.replace('(', '.INC('), result]),
  ),
  kth('PERCENTILE.EXC', 'As PERCENTILE, with k between 1/(n+1) and n/(n+1).', 'k', [
    ['=PERCENTILE.EXC(items[amount], 0.25)', '10'],
    ['=PERCENTILE.EXC(items[amount], 0.9)', '#NUM!'],
  ]),
  kth('QUARTILE', 'The value below which so many quarters (0 to 4) of a column lie.', 'quarters', [
    ['=QUARTILE(items[amount], 3)', '25.25'],
    ['=QUARTILE(items[amount], 5)', '#NUM!'],
  ]),
  kth('QUARTILE.INC', 'As QUARTILE: 0 is the smallest value, 4 the greatest.', 'quarters', [
    ['=QUARTILE.INC(items[amount], 1)', '15'],
    ['=QUARTILE.INC(items[amount], 5)', '#NUM!'],
  ]),
  kth('QUARTILE.EXC', 'As QUARTILE by PERCENTILE.EXC: 1 to 3 quarters.', 'quarters', [
    ['=QUARTILE.EXC(items[amount], 3)', '30.5'],
    ['=QUARTILE.EXC(items[amount], 4)', '#NUM!'],
  ]),
  ranking(
    'RANK',
    'The place of a number among the values of a column, from the greatest (order 0) or the smallest; equal ones share a place.',
  ),
  ranking('RANK.EQ', 'As RANK: equal values share the best place.'),
  ranking('RANK.AVG', 'As RANK: equal values share the mean of their places.'),
  spread('VAR', 'As VAR.S.', '105.083333333333'),
  spread('VAR.S', 'The variance of a sample: the mean square distance from the mean, by one value less; exact inside.', '105.083333333333'),
  spread('VARP', 'As VAR.P.', '70.0555555555556'),
  spread('VAR.P', 'The variance of all there is; exact inside.', '70.0555555555556'),
  spread('STDEV', 'As STDEV.S.', '10.2510162097879'),
  spread('STDEV.S', 'The standard deviation of a sample: the root of VAR.S.', '10.2510162097879'),
  spread('STDEVP', 'As STDEV.P.', '8.36991968632648'),
  spread('STDEV.P', 'The standard deviation of all there is: the root of VAR.P.', '8.36991968632648'),
  over(
    'COUNTBLANK',
    'How many cells of a column are Blank or the empty text.',
    [COLUMN],
    [
      { formula: '=COUNTBLANK(items[note])', result: '1' },
      { formula: '=COUNTBLANK(items[broken])+[@blank]', result: '0' },
      { formula: '=COUNTBLANK(items[note])/0', result: '#DIV/0!' },
    ],
  ),
]
