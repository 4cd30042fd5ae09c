import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { StoreDriver, StoreHome } from '../store-driver.ts'
import type { SqliteStoreConfig } from './config.ts'

/** Views in a file of this machine: one process writes it, several read it. */
export function driver(config: SqliteStoreConfig, { root, data, name }: StoreHome): StoreDriver {
  const file = config.file === undefined ? path.join(data, `views-${name}.db`) : path.resolve(root, config.file)
  return {
    open: async () => {
      const { openSqliteViews } = await import('@sheetflow/store/sql/sqlite/view-store')
      mkdirSync(path.dirname(file), { recursive: true })
      return openSqliteViews(file)
    },
    openForReading: async () => {
      const { openSqliteViewsReadOnly } = await import('@sheetflow/store/sql/sqlite/view-store')
      return openSqliteViewsReadOnly(file)
    },
    check: () => Promise.resolve([]),
    bytes: {
      file,
      forgetDeleted: async () => {
        const { forgetDeleted } = await import('@sheetflow/store/sql/sqlite/forget-deleted')
        forgetDeleted(file)
      },
    },
  }
}
