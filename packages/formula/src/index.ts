/** The formula language: the public face of `@sheetflow/formula`. */

export { bindFormula } from './bind/bind-formula.ts'
export type { BoundFormula } from './bind/bind-formula.ts'
export { bindRows } from './bind/bind-rows.ts'
export type { BoundRowsFormula, RowsFormula } from './bind/bind-rows.ts'
export type { ColumnLookup, NamedLookup, RelationLookup, Scope, ScopeColumn, ScopeRelation } from './bind/scope.ts'
export type {
  AggregateFunction,
  BoundColumn,
  BoundGraph,
  BoundRows,
  BoundSheet,
  BoundTable,
  CostClass,
  Criterion,
  Expr,
  ExprType,
  OrderBy,
  RelationId,
  RowsInput,
  RowsStep,
  StackPart,
} from './bound.ts'
export { compileColumn, compileExpr } from './compile/compile-expr.ts'
export { MISSING, NO_HOST } from './compile/compile-host.ts'
export type { Compiled, CompileHost, ExprOf, RowReader } from './compile/compile-host.ts'
export { costOf, dearer } from './cost.ts'
export { partsOf } from './expr-parts.ts'
export { criteriaMatch, criterionKey, lookupKey, matcherOf } from './criteria.ts'
export type { Matcher, MatchKey } from './criteria.ts'
export type { FormulaDiagnostic, Range } from './diagnostic.ts'
export { FUNCTIONS, functionNamed } from './functions/catalogue.ts'
export type { Example, FunctionDefinition, Parameter } from './functions/definition.ts'
export { LANGUAGE_VERSION } from './language-version.ts'
export { childrenOf } from './syntax/children.ts'
export { complete } from './service/complete.ts'
export type { Completion, Completions } from './service/complete.ts'
export { diagnose } from './service/diagnose.ts'
export type { Diagnosis } from './service/diagnose.ts'
export type { TextEdit } from './service/edit.ts'
export { format } from './service/format.ts'
export { hover } from './service/hover.ts'
export type { Hover } from './service/hover.ts'
export { references } from './service/references.ts'
export type { FoundReference } from './service/references.ts'
export { rename } from './service/rename.ts'
export type { Renamed, RenameTarget } from './service/rename.ts'
export { signatureAt } from './service/signature-at.ts'
export type { SignatureHelp } from './service/signature-at.ts'
export type { CellNode, CellsNode, CellsOnlyNode, Corner, CornerPart, Node, ReferenceNode, SheetName } from './syntax/node.ts'
export { parseFormula } from './syntax/parse.ts'
export type { Dialect, ParsedFormula, ParseOptions } from './syntax/parse.ts'
export { printFormula } from './syntax/print.ts'
