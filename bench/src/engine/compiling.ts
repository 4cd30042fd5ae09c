import vm from 'node:vm'
import { LiveWorkbook } from './live-workbook.ts'
import { SHOP_TABLES } from './shop.ts'

const SHEETS = 10
const EACH = 20

/** Formulas of the workbook. */
export const FORMULAS: number = SHEETS * EACH

/**
 * Deploys a workbook of so many formulas over empty tables; gives how many of them run. `salt` makes the texts new each time, so that nothing is
 * remembered.
 */
export function compileWorkbook(salt: number): number {
  const files: Record<string, string> = { 'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n' }
  for (let sheet = 0; sheet < SHEETS; sheet++) {
    const columns = Array.from({ length: EACH }, (_, i) => `  c${i}: =${formula(i, sheet, salt)}`)
    files[`sales/sheet${sheet}.sheet.yaml`] = ['rows: =shop!orders', 'keep: [id]', 'columns:', ...columns, 'read: {clerk: all}', ''].join(
      '\n',
    )
  }
  const workbook = LiveWorkbook.deploy({ files, tables: SHOP_TABLES })
  workbook.activate(Object.keys(SHOP_TABLES))
  const sheets = workbook.graph.active?.graph.sheets ?? []
  return sheets.reduce((sum, { columns }) => sum + columns.filter((column) => column.formula !== undefined).length, 0)
}

/** The same formulas as JavaScript, compiled and called once: those that look into other tables as calls of a function that is given. */
export function compileByHand(salt: number): number {
  let called = 0
  for (let sheet = 0; sheet < SHEETS; sheet++) {
    for (let i = 0; i < EACH; i++) {
      const text = `(row, look, f) => { return ${javascript(i, sheet, salt)} }`
      const compiled = new vm.Script(text).runInThisContext() as (row: object, look: () => number, f: readonly number[]) => unknown
      compiled({ id: 1, customer_id: 2, total: 3 }, () => 1, [])
      called += 1
    }
  }
  return called
}

function formula(i: number, sheet: number, salt: number): string {
  const n = salt * FORMULAS + sheet * EACH + i
  switch (i % 10) {
    case 0:
      return `ROUND([@total]*1.${n}, 2)`
    case 1:
      return `IF([@total]>${n}, "dear", IF([@total]>${n / 2}, "fair", "cheap"))`
    case 2:
      return `SUMIFS(shop!orders[total], shop!orders[customer_id], [@customer_id])+${n}`
    case 3:
      return `XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?${n}")`
    case 4:
      return `LET(net, [@total]/1.23, tax, [@total]-net, ROUND(net*2+tax+${n}, 2))`
    case 5:
      return `COUNTIFS(shop!orders[customer_id], [@customer_id])*${n}`
    case 6:
      return `UPPER(LEFT([@c${i - 3}], 3))&"-"&TEXT([@total], "0.00")&"-${n}"`
    case 7:
      return `MIN([@c${i - 7}], MAX(${n}, [@total]))`
    case 8:
      return `AND([@total]>${n}, [@customer_id]<${n + 10}, NOT(ISBLANK([@c${i - 5}])))`
    default:
      return `IFERROR([@total]/([@customer_id]-${n}), 0)+MOD([@id], ${n + 2})`
  }
}

function javascript(i: number, sheet: number, salt: number): string {
  const n = salt * FORMULAS + sheet * EACH + i
  switch (i % 10) {
    case 0:
      return `Math.round(row.total*1.${n}*100)/100`
    case 1:
      return `row.total>${n}?"dear":row.total>${n / 2}?"fair":"cheap"`
    case 2:
    case 5:
      return `look("orders",row.customer_id)*${n}`
    case 3:
      return `look("customers",row.customer_id)||"?${n}"`
    case 4:
      return `(()=>{const net=row.total/1.23;const tax=row.total-net;return Math.round((net*2+tax+${n})*100)/100})()`
    case 6:
      return `String(f[${i - 3}]).slice(0,3).toUpperCase()+"-"+row.total.toFixed(2)+"-${n}"`
    case 7:
      return `Math.min(f[${i - 7}],Math.max(${n},row.total))`
    case 8:
      return `row.total>${n}&&row.customer_id<${n + 10}&&f[${i - 5}]!==null`
    default:
      return `row.total/(row.customer_id-${n})+row.id%${n + 2}`
  }
}
