import type { Scope } from '../bind/scope.ts'
import type { CostContext } from '../cost.ts'

/** For whom a formula of this scope is weighed: each row of its sheet, or the one row of named values. */
export function costContext(scope: Scope): CostContext {
  return {
    view: scope.row?.id ?? `${scope.workbook}.${scope.workbook}_values`,
    key: scope.row?.key ?? [],
    single: scope.row === null,
    isLive: (view, column) =>
      scope.names().some((name) => {
        const named = scope.named(name)
        return named?.kind === 'formula' && named.live && named.view === view && named.column.index === column
      }),
  }
}
