import type { Example, FunctionDefinition, Parameter } from '../definition.ts'
import { always } from '../results.ts'

const ARRAY: Parameter = { name: 'array', kind: 'array' }
const FUNCTION: Parameter = { name: 'lambda', kind: 'formula' }
const START: Parameter = { name: 'initial_value', kind: 'any' }

/** The binder puts the LAMBDA in place: a node of its own that `compile-over.ts` runs. */
function over(
  name: string,
  help: string,
  params: readonly Parameter[],
  repeat: number | null,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'logical',
    help,
    params,
    ...(repeat === null ? {} : { repeat }),
    result: always('decimal'),
    evaluation: { mode: 'bound' },
    volatility: 'pure',
    examples,
  }
}

/** Functions that run a LAMBDA, or a function by its name, for each cell, row or column of an array. */
export const ITERATION: readonly FunctionDefinition[] = [
  over('MAP', 'An array of what a LAMBDA makes of each cell, or of the cells of several arrays at one place.', [ARRAY, FUNCTION], 2, [
    { formula: '=MAP({1,2;3,4}, LAMBDA(x, x*10))', result: '{10,20;30,40}' },
    { formula: '=MAP({1,2}, {3,4}, LAMBDA(a, b, a*b))', result: '{3,8}' },
    { formula: '=MAP({1,"a"}, LAMBDA(x, x+1))', result: '{2,#VALUE!}' },
    { formula: '=MAP({1,2}, LAMBDA(x, IF(x=1, x, HSTACK(x, x))))', result: '{1,#CALC!}' },
    { formula: '=SUM(MAP({1,2}, LAMBDA(x, [@blank])))', result: '0' },
  ]),
  over('REDUCE', 'The last of the values that a LAMBDA makes of the value so far and each cell.', [START, ARRAY, FUNCTION], null, [
    { formula: '=REDUCE(0, {1,2,3}, LAMBDA(sum, x, sum+x))', result: '6' },
    { formula: '=REDUCE("", {"a","b"}, LAMBDA(text, x, text&x))', result: '"ab"' },
    { formula: '=REDUCE([@blank], {1.5,2}, LAMBDA(sum, x, sum+x))', result: '3.5' },
    { formula: '=REDUCE(1, {1,0}, LAMBDA(q, x, q/x))', result: '#DIV/0!' },
  ]),
  over('SCAN', 'All of the values that a LAMBDA makes of the value so far and each cell.', [START, ARRAY, FUNCTION], null, [
    { formula: '=SCAN(0, {1,2,3}, LAMBDA(sum, x, sum+x))', result: '{1,3,6}' },
    { formula: '=SCAN([@blank], {1,2}, LAMBDA(sum, x, sum+x))', result: '{1,3}' },
    { formula: '=SCAN(1, {1,0}, LAMBDA(q, x, q/x))', result: '{1,#DIV/0!}' },
    { formula: '=SCAN(0, {1,2}, LAMBDA(row, x, HSTACK(row, x)))', result: '{#CALC!,#CALC!}' },
  ]),
  over('BYROW', 'A column of what a LAMBDA makes of each row of an array.', [ARRAY, FUNCTION], null, [
    { formula: '=BYROW({1,2;3,4}, LAMBDA(r, SUM(r)))', result: '{3;7}' },
    { formula: '=BYROW({1,2;3,4}, MAX)', result: '{2;4}' },
    { formula: '=SUM(BYROW({1,2}, LAMBDA(r, [@blank])))', result: '0' },
    { formula: '=BYROW({1;"a"}, LAMBDA(r, r+1))', result: '{2;#VALUE!}' },
    { formula: '=BYROW({1,2;3,4}, LAMBDA(r, r))', result: '{#CALC!;#CALC!}' },
  ]),
  over('BYCOL', 'A row of what a LAMBDA makes of each column of an array.', [ARRAY, FUNCTION], null, [
    { formula: '=BYCOL({1,2;3,4}, LAMBDA(c, SUM(c)))', result: '{4,6}' },
    { formula: '=BYCOL({1,2;3,4}, COUNT)', result: '{2,2}' },
    { formula: '=SUM(BYCOL({1,2}, LAMBDA(c, [@blank])))', result: '0' },
    { formula: '=BYCOL({1,"a"}, LAMBDA(c, c+1))', result: '{2,#VALUE!}' },
    { formula: '=BYCOL({1,2;3,4}, LAMBDA(c, c))', result: '{#CALC!,#CALC!}' },
  ]),
  over(
    'MAKEARRAY',
    'An array of so many rows and columns, each cell what a LAMBDA makes of its place, counted from 1.',
    [{ name: 'rows', kind: 'integer' }, { name: 'columns', kind: 'integer' }, FUNCTION],
    null,
    [
      { formula: '=MAKEARRAY(2, 3, LAMBDA(r, c, r*c))', result: '{1,2,3;2,4,6}' },
      { formula: '=MAKEARRAY(0, 3, LAMBDA(r, c, r*c))', result: '#VALUE!' },
      { formula: '=MAKEARRAY(1, 2, LAMBDA(r, c, {7,8}))', result: '{#CALC!,#CALC!}' },
      { formula: '=SUM(MAKEARRAY(2, 2, LAMBDA(r, c, [@blank])))', result: '0' },
    ],
  ),
]
