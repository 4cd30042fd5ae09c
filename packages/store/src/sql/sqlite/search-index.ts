import { must } from '@sheetflow/core/assert'
import type { DatabaseSync } from 'node:sqlite'
import { wordsOf } from '../search-words.ts'
import type { ViewTable } from './view-table.ts'

/**
 * The full-text index of a table: an FTS5 table beside it that holds no text of its own, only words by row id, kept up to date by triggers
 * from the swap on. Case and accents do not count.
 */

/** Creates the index, fills it and keeps it so. */
export function buildSearch(db: DatabaseSync, table: ViewTable): void {
  const columns = searchColumns(table)
  const index = table.searchName
  const id = rowId(table)
  const texts = (row: string): string => columns.map((column) => textOf(`${row}.${column}`)).join(', ')
  db.exec(`CREATE VIRTUAL TABLE ${index} USING fts5(${columns.join(', ')}, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
    INSERT INTO ${index} (rowid, ${columns.join(', ')}) SELECT ${id}, ${texts('t')} FROM ${table.name} AS t;
    CREATE TRIGGER ${index}_i AFTER INSERT ON ${table.name} BEGIN
      INSERT INTO ${index} (rowid, ${columns.join(', ')}) VALUES (new.${id}, ${texts('new')});
    END;
    CREATE TRIGGER ${index}_d AFTER DELETE ON ${table.name} BEGIN
      DELETE FROM ${index} WHERE rowid = old.${id};
    END;
    CREATE TRIGGER ${index}_u AFTER UPDATE ON ${table.name} BEGIN
      DELETE FROM ${index} WHERE rowid = old.${id};
      INSERT INTO ${index} (rowid, ${columns.join(', ')}) VALUES (new.${id}, ${texts('new')});
    END`)
}

/** Drops it, so that rows of an old generation can be removed without it. */
export function dropSearch(db: DatabaseSync, table: ViewTable): void {
  const index = table.searchName
  for (const trigger of ['i', 'd', 'u']) db.exec(`DROP TRIGGER IF EXISTS ${index}_${trigger}`)
  db.exec(`DROP TABLE IF EXISTS ${index}`)
}

/** The column by which the index names a row. */
export function rowId(table: ViewTable): string {
  return must(table.handle[0])
}

/**
 * What a reader typed, as a query of FTS5: every word must occur, the last one may be unfinished. Null if there is no word in it.
 */
export function matchOf(text: string): string | null {
  const words = wordsOf(text)
  return words.length === 0 ? null : `${words.map((word) => `"${word}"`).join(' ')}*`
}

function searchColumns(table: ViewTable): string[] {
  return table.schema.search.map((column) => `c${table.position(column)}`)
}

/** Only texts are searched; numbers as they are written, no Blank, no error. */
function textOf(cell: string): string {
  return `CASE typeof(${cell}) WHEN 'text' THEN ${cell} END`
}
