import type { ExprType } from '../bound.ts'
import type { Grid } from '../value/grid.ts'
import { averageIf, averageIfs, countIfs, maxIfs, minIfs, sumIf, sumIfs } from './criteria-arrays.ts'
import type { CallTypes, FunctionDefinition, Parameter, StrictMaker, TypeProblem } from './definition.ts'
import { arrayOf } from './lookup/array-function.ts'
import { makeXLookup, xLookupType } from './lookup/lookups.ts'
import { makeFilter } from './lookup/sorting.ts'
import { always, quotient, widestNumber } from './results.ts'

/** Functions over whole tables: the binder turns them into nodes of their own, which the engine keeps right incrementally. */
function bound(
  name: string,
  category: FunctionDefinition['category'],
  help: string,
  params: readonly Parameter[],
  repeat: number | null,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  return {
    name,
    category,
    help,
    params,
    ...(repeat === null ? {} : { repeat }),
    result: always('decimal'),
    evaluation: { mode: 'bound' },
    volatility: 'pure',
    examples,
  }
}

const CRITERION = [
  { name: 'criteria_column', kind: 'column' },
  { name: 'criterion', kind: 'criterion' },
] as const

/** A function over tables that also is one over arrays. */
function orArrays(definition: FunctionDefinition, result: FunctionDefinition['result'], arrays: StrictMaker): FunctionDefinition {
  return { ...definition, result, evaluation: { mode: 'bound', arrays } }
}

/** The rule for the type of the values, which are argument `index`, or the first where they are left out. */
function ofValues(index: number, rule: (types: CallTypes) => ExprType | TypeProblem): (types: CallTypes) => ExprType | TypeProblem {
  return (types) => {
    const given = types.args[index]
    const values = given === undefined || given.type === null ? types.args[0] : given
    return rule({ ...types, args: values === undefined ? [] : [values] })
  }
}

function overRows(
  name: string,
  help: string,
  arrays: StrictMaker,
  rule: (types: CallTypes) => ExprType | TypeProblem,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  const params = [{ name: 'column', kind: 'column' } as const, ...CRITERION]
  return orArrays(bound(name, 'statistical', help, params, 2, examples), ofValues(0, rule), arrays)
}

function overOne(
  name: string,
  help: string,
  of: string,
  arrays: StrictMaker,
  rule: (types: CallTypes) => ExprType | TypeProblem,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  const params = [...CRITERION, { name: of, kind: 'column', optional: true } as const]
  return orArrays(bound(name, 'statistical', help, params, null, examples), ofValues(2, rule), arrays)
}

function countingRows(name: string, help: string, repeat: number | null, examples: FunctionDefinition['examples']): FunctionDefinition {
  return orArrays(bound(name, 'statistical', help, CRITERION, repeat, examples), always('int'), countIfs)
}

/** Aggregates with criteria, lookups, rows, and names inside formulas. */
export const TABLES: readonly FunctionDefinition[] = [
  overRows('SUMIFS', 'The sum of a column over the rows that meet all criteria.', sumIfs, widestNumber(), [
    { formula: '=SUMIFS(items[amount], items[kind], "a")', result: '30' },
    { formula: '=SUMIFS(items[amount], items[amount], ">="&20, items[kind], "A*")', result: '20' },
    { formula: '=SUMIFS(items[amount], items[note], "=")', result: '20' },
    { formula: '=SUMIFS(items[amount], items[kind], [@blank])', result: '0' },
    { formula: '=SUMIFS(items[broken], items[kind], "a")', result: '#N/A' },
    { formula: '=SUMIFS({1,2.5,4}, {"a","b","A"}, "a", {1,2,3}, ">1")', result: '4' },
    { formula: '=SUMIFS({1,2}, {"a","b","c"}, "a")', result: '#VALUE!' },
  ]),
  countingRows('COUNTIFS', 'How many rows meet all criteria.', 2, [
    { formula: '=COUNTIFS(items[kind], "a")', result: '2' },
    { formula: '=COUNTIFS(items[note], "")', result: '1' },
    { formula: '=COUNTIFS(items[kind], [@blank])', result: '0' },
    { formula: '=COUNTIFS(items[note], "="&[@blank])', result: '1' },
    { formula: '=COUNTIFS(items[broken], "#N/A")', result: '1' },
    { formula: '=COUNTIFS({1,2,3}, ">1", {"x","y",""}, "<>x")', result: '2' },
  ]),
  overRows('AVERAGEIFS', 'The mean of a column over the rows that meet all criteria; of none #DIV/0!.', averageIfs, quotient, [
    { formula: '=AVERAGEIFS(items[amount], items[kind], "a")', result: '15' },
    { formula: '=AVERAGEIFS(items[amount], items[note], "")', result: '20' },
    { formula: '=AVERAGEIFS(items[amount], items[kind], "x")', result: '#DIV/0!' },
    { formula: '=AVERAGEIFS(items[amount], items[kind], [@blank])', result: '#DIV/0!' },
  ]),
  overRows(
    'MINIFS',
    'The smallest value of a column over the rows that meet all criteria; of none 0, or Blank for dates.',
    minIfs,
    widestNumber(),
    [
      { formula: '=MINIFS(items[amount], items[kind], "a")', result: '10' },
      { formula: '=MINIFS(items[amount], items[kind], [@blank])', result: '0' },
      { formula: '=MINIFS(items[broken], items[kind], "a")', result: '#N/A' },
    ],
  ),
  overRows(
    'MAXIFS',
    'The greatest value of a column over the rows that meet all criteria; of none 0, or Blank for dates.',
    maxIfs,
    widestNumber(),
    [
      { formula: '=MAXIFS(items[amount], items[kind], "a")', result: '20' },
      { formula: '=MAXIFS(items[amount], items[kind], [@blank])', result: '0' },
      { formula: '=MAXIFS(items[broken], items[kind], "a")', result: '#N/A' },
    ],
  ),
  countingRows('COUNTIF', 'How many values of a column meet a criterion.', null, [
    { formula: '=COUNTIF(items[amount], ">15")', result: '2' },
    { formula: '=COUNTIF(items[note], "")', result: '1' },
    { formula: '=COUNTIF(items[kind], [@blank])', result: '0' },
    { formula: '=COUNTIF(items[broken], "#N/A")', result: '1' },
    { formula: '=COUNTIF({"ann","bob","al"}, {"a*","b*"})', result: '{2,1}' },
  ]),
  overOne('SUMIF', 'The sum over the rows whose column meets a criterion.', 'sum_column', sumIf, widestNumber(), [
    { formula: '=SUMIF(items[kind], "a", items[amount])', result: '30' },
    { formula: '=SUMIF(items[amount], ">15")', result: '50.5' },
    { formula: '=SUMIF(items[kind], [@blank], items[amount])', result: '0' },
    { formula: '=SUMIF(items[kind], "a", items[broken])', result: '#N/A' },
    { formula: '=SUMIF({"a";"b";"a"}, "a", {1;2;3})', result: '4' },
  ]),
  overOne('AVERAGEIF', 'The mean over the rows whose column meets a criterion.', 'average_column', averageIf, quotient, [
    { formula: '=AVERAGEIF(items[kind], "a", items[amount])', result: '15' },
    { formula: '=AVERAGEIF(items[kind], "x", items[amount])', result: '#DIV/0!' },
    { formula: '=AVERAGEIF(items[kind], [@blank], items[amount])', result: '#DIV/0!' },
  ]),
  orArrays(
    bound('ROWS', 'lookup', 'How many rows a table, column or array has.', [{ name: 'rows', kind: 'rows' }], null, [
      { formula: '=ROWS(items)', result: '3' },
      { formula: '=ROWS(items[note])', result: '3' },
      { formula: '=ROWS({1;2})', result: '2' },
      { formula: '=ROWS(items)+[@blank]', result: '3' },
      { formula: '=ROWS(items)/0', result: '#DIV/0!' },
    ]),
    always('int'),
    () => (array: Grid) => array.rows,
  ),
  orArrays(
    bound(
      'XLOOKUP',
      'lookup',
      'The value of a column in the row whose key column equals the search value (letter case aside, "1" is not 1), with match mode -1 or 1 also in that of the next smaller or larger one; the first by key if several. With 2 a search text may hold wildcards.',
      [
        { name: 'search', kind: 'value' },
        { name: 'key_column', kind: 'column' },
        { name: 'result_column', kind: 'column' },
        { name: 'if_missing', kind: 'any', optional: true },
        { name: 'match_mode', kind: 'integer', optional: true, fallback: 0 },
        { name: 'search_mode', kind: 'integer', optional: true, fallback: 1 },
      ],
      null,
      [
        { formula: '=XLOOKUP(2, items[id], items[amount])', result: '20' },
        { formula: '=XLOOKUP(99, items[id], items[kind], "?")', result: '"?"' },
        { formula: '=XLOOKUP(2.5, items[id], items[amount],, -1)', result: '20' },
        { formula: '=XLOOKUP(2.5, items[id], items[amount],, 1)', result: '30.5' },
        { formula: '=XLOOKUP(99, items[id], items[kind])', result: '#N/A' },
        { formula: '=XLOOKUP([@blank], items[id], items[kind])', result: '#N/A' },
        { formula: '=XLOOKUP(25, {10,20,30}, {"a","b","c"}, , -1)', result: '"b"' },
      ],
    ),
    xLookupType,
    makeXLookup,
  ),
  orArrays(
    bound(
      'FILTER',
      'lookup',
      'The rows for which a condition holds: the rows of a sheet, or a nested list in a column.',
      [
        { name: 'rows', kind: 'rows' },
        { name: 'condition', kind: 'condition' },
        { name: 'if_empty', kind: 'any', optional: true },
      ],
      null,
      [
        { formula: '=FILTER({1;2;3}, {1;2;3}>1)', result: '{2;3}' },
        { formula: '=FILTER({1;2}, {1;2}>5, "none")', result: '"none"' },
        { formula: '=FILTER({1;2}, VSTACK(TRUE, [@blank]))', result: '1' },
        { formula: '=FILTER({1;2}, {1;2}>5)', result: '#CALC!' },
      ],
    ),
    arrayOf(0, 2),
    makeFilter,
  ),
  bound(
    'LET',
    'logical',
    'Gives names to values inside one formula.',
    [
      { name: 'name', kind: 'name' },
      { name: 'value', kind: 'formula' },
      { name: 'formula', kind: 'formula' },
    ],
    2,
    [
      { formula: '=LET(x, [@price]*2, x+x)', result: '38' },
      { formula: '=LET(x, [@blank], ISBLANK(x))', result: 'TRUE' },
      { formula: '=LET(x, 1/0, x+1)', result: '#DIV/0!' },
    ],
  ),
  bound(
    'LAMBDA',
    'logical',
    'A function without a name: named under `values`, or called at once.',
    [
      { name: 'parameter', kind: 'name' },
      { name: 'formula', kind: 'formula' },
    ],
    1,
    [
      { formula: '=LAMBDA(a, b, a*b)(6, 7)', result: '42' },
      { formula: '=LAMBDA(a, a+1)([@blank])', result: '1' },
      { formula: '=LET(half, LAMBDA(n, n/2), half("a"))', result: '#VALUE!' },
    ],
  ),
]
