import { VALUE } from '../value/cell-errors.ts'
import { parameterOf, type CallTypes, type FunctionDefinition, type ParameterKind } from './definition.ts'

const NUMERIC: ReadonlySet<ParameterKind> = new Set(['number', 'real', 'integer', 'moment'])

/**
 * A function that came to Excel with the Analysis ToolPak. These do not read TRUE and FALSE as numbers: `EDATE([@date], TRUE)` is `#VALUE!`, and where types
 * are known before anything runs an error in the formula.
 */
export function toolpak(definition: FunctionDefinition): FunctionDefinition {
  const { evaluation, result } = definition
  if (evaluation.mode !== 'strict') return definition
  const refused = ({ args }: CallTypes): number =>
    args.findIndex(({ type }, index) => type?.type === 'bool' && NUMERIC.has(parameterOf(definition, index)?.kind ?? 'value'))
  return {
    ...definition,
    result: (types) => {
      const index = types.dynamic === true ? -1 : refused(types)
      return index < 0 ? result(types) : { problem: 'a number or date is needed here, not boolean', argument: index }
    },
    evaluation: { mode: 'strict', make: (types) => (refused(types) < 0 ? evaluation.make(types) : () => VALUE) },
  }
}
