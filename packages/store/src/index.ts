export { openSqliteViews, openSqliteViewsReadOnly } from './sql/sqlite/view-store.ts'
export type { ReadableViewStore } from './sql/sqlite/view-store.ts'
