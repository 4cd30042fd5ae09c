import { must } from '@sheetflow/core/assert'
import { parseDate, parseTime, parseTimestamp } from '@sheetflow/core/calendar'
import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { ColumnType } from '@sheetflow/core/type'
import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'
import { gridOf, type FormulaValue } from '../value/grid.ts'

/** Three days, times and moments. In Warsaw it is an hour later than in UTC. */
const ROWS = [
  [1, '2026-11-03', '06:00', '2026-11-03T00:00', '2026-11-02T23:00Z', 46_329, '46331'],
  [2, '2026-11-05', '12:30', '2026-11-05T12:00', '2026-11-05T11:00Z', 46_331, 'x'],
  [3, '2026-11-20', '23:00', '2026-11-20T08:20', '2026-11-20T07:20Z', 46_346, '20762'],
] as const
const COLUMNS = (['id', 'day', 'time', 'at', 'moment', 'serial', 'text'] as const).map((name) => ({
  name,
  type: typeOf(name),
  nullable: true,
}))

function typeOf(name: string): ColumnType {
  const types: Readonly<Record<string, ColumnType['type']>> = {
    day: 'date',
    time: 'time',
    at: 'timestamp',
    moment: 'timestamptz',
    text: 'text',
  }
  return { type: types[name] ?? 'int' } as ColumnType
}

const T: PlainTable = {
  id: 't',
  key: [0],
  columns: COLUMNS,
  rows: ROWS.map(([id, day, time, at, moment, serial, text]) => [
    id,
    must(parseDate(day)),
    must(parseTime(time)),
    must(parseTimestamp('timestamp', at)),
    must(parseTimestamp('timestamptz', moment)),
    serial,
    text,
  ]),
}
const ROW: PlainTable = {
  id: 'own',
  key: [0],
  columns: [...COLUMNS, { name: 'blank', type: { type: 'int' }, nullable: true }, { name: 'like', type: { type: 'text' }, nullable: true }],
  rows: [[...must(T.rows[1]), null, '<=11/5/2026']],
}

function asked(formula: string, dynamic: boolean): string {
  const timeZone = 'Europe/Warsaw'
  const today = must(parseDate('2026-11-05'))
  const { value, diagnostics } = calculate(`=${formula}`, {
    tables: [T],
    row: ROW,
    today,
    time: 0,
    timeZone,
    ...(dynamic ? { dynamic } : {}),
  })
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  return shown(value)
}

function shown(value: FormulaValue): string {
  return gridOf(value)
    .cells.map((cell) => (isCellError(cell) ? cell.kind : isNumber(cell) ? toDecimal(cell).normalize().toString() : JSON.stringify(cell)))
    .join()
}

describe('dates and times meet numbers by their serial numbers', () => {
  it.each<readonly [string, string]>([
    // Days and numbers.
    ['COUNTIFS(t[day],"<="&INT([@at]))', '2'],
    ['COUNTIFS(t[day],INT([@at]))', '1'],
    ['COUNTIFS(t[day],"="&INT([@at]))', '1'],
    ['COUNTIFS(t[day],"<>"&INT([@at]))', '2'],
    ['COUNTIFS(t[day],46331)', '1'],
    ['COUNTIFS(t[day],"46331")', '1'],
    ['COUNTIFS(t[day],"<>46331")', '2'],
    ['COUNTIFS(t[day],20762)', '0'],
    ['COUNTIFS(t[day],"<20763")', '0'],
    ['COUNTIFS(t[day],"<46331.5")', '2'],
    ['COUNTIFS(t[day],"<"&46331.5)', '2'],
    ['COUNTIFS(t[day],46331.5)', '0'],
    ['COUNTIFS(t[day],"<"&[@serial])', '1'],
    ['COUNTIFS(t[day],">=" & [@serial]*1.0)', '2'],
    ['COUNTIFS(t[day],">"&-5)', '3'],
    ['COUNTIFS(t[day],"<"&10^12)', '3'],
    ['COUNTIFS(t[day],"<"&-(10^12))', '0'],
    ['COUNTIFS(t[day],[@blank])', '0'],
    ['COUNTIFS(t[day],"<"&[@time])', '0'],
    ['COUNTIFS(t[day],">"&[@time])', '3'],
    ['COUNTIFS(t[day],"<="&[@at])', '2'],
    ['COUNTIFS(t[day],"<="&[@moment])', '2'],
    ['COUNTIFS(t[day],[@like])', '0'],
    ['COUNTIFS(t[day],IF([@id]=2,"<46331",""))', '1'],
    ['SUMIFS(t[id],t[day],">="&INT([@at]))', '5'],
    ['MINIFS(t[id],t[day],">="&INT([@at]))', '2'],
    ['MAXIFS(t[id],t[day],"<"&INT([@at]))', '1'],
    ['AVERAGEIFS(t[id],t[day],"<="&INT([@at]))', '1.5'],
    ['SUMIF(t[day],">46330",t[id])', '5'],
    // Times.
    ['COUNTIFS(t[time],">=12:30")', '2'],
    ['COUNTIFS(t[time],"12:30:00")', '1'],
    ['COUNTIFS(t[time],"<>6:00 AM")', '2'],
    ['COUNTIFS(t[time],"6:00 AM")', '1'],
    ['COUNTIFS(t[time],">0.5")', '2'],
    ['COUNTIFS(t[time],0.25)', '1'],
    ['COUNTIFS(t[time],">"&[@serial])', '0'],
    ['COUNTIFS(t[time],"<"&[@serial])', '3'],
    ['COUNTIFS(t[time],"<"&[@day])', '3'],
    ['COUNTIFS(t[time],">="&MOD([@at],1))', '2'],
    ['COUNTIFS(t[time],"<"&-1)', '0'],
    ['COUNTIFS(t[time],IF([@id]=2,">=12:30",""))', '2'],
    ['COUNTIFS(t[time],"<>"&[@time])', '2'],
    // Moments.
    ['COUNTIFS(t[at],"<="&INT([@at]))', '1'],
    ['COUNTIFS(t[at],46331.5)', '1'],
    ['COUNTIFS(t[at],"46331.5")', '1'],
    ['COUNTIFS(t[at],46346+1/3+1/72)', '1'],
    ['COUNTIFS(t[at],">46331.4")', '2'],
    ['COUNTIFS(t[at],"<>46331.5")', '2'],
    ['COUNTIFS(t[at],"<"&[@time])', '0'],
    ['COUNTIFS(t[at],IF([@id]=2,"<=46331.5",""))', '2'],
    // Moments in UTC, as the zone shows them.
    ['COUNTIFS(t[moment],46331.5)', '1'],
    ['COUNTIFS(t[moment],"46331.5")', '1'],
    ['COUNTIFS(t[moment],"<="&INT([@at]))', '1'],
    ['COUNTIFS(t[moment],46329)', '1'],
    ['COUNTIFS(t[moment],IF([@id]=2,"<=46331.5",""))', '2'],
    ['COUNTIFS(t[moment],IF([@id]=2,"2026-11-05 12:00",""))', '1'],
    ['COUNTIFS(t[moment],"<"&TEXT([@at],"yyyy-mm-dd hh:mm"))', '1'],
    // Numbers and texts, asked for a day, a time, a moment.
    ['COUNTIFS(t[id],"<"&DATE(1970,1,3))', '3'],
    ['COUNTIFS(t[serial],[@day])', '1'],
    ['COUNTIFS(t[serial],"<"&[@at])', '2'],
    ['COUNTIFS(t[serial],"<"&[@moment])', '2'],
    ['COUNTIFS(t[serial],">"&[@time])', '3'],
    ['COUNTIFS(t[serial],"<=11/5/2026")', '2'],
    ['COUNTIFS(t[serial],"2026-11-05")', '1'],
    ['COUNTIFS(t[serial],IF([@id]=2,"<=11/5/2026",""))', '2'],
    ['COUNTIFS(t[id],"<12:00")', '0'],
    ['COUNTIFS(t[text],[@day])', '1'],
    // Lookups.
    ['XLOOKUP(INT([@at]),t[day],t[id])', '2'],
    ['XLOOKUP(INT([@at]),t[day],t[id],,-1)', '2'],
    ['XLOOKUP(INT([@at])+1,t[day],t[id],,-1)', '2'],
    ['XLOOKUP(46331.5,t[day],t[id],0)', '0'],
    ['XLOOKUP(46331.5,t[day],t[id],,-1)', '2'],
    ['XLOOKUP(46331.5,t[day],t[id],,1)', '3'],
    ['XLOOKUP(20762,t[day],t[id],0)', '0'],
    ['XLOOKUP(-1,t[day],t[id],,1)', '1'],
    ['XLOOKUP(10^12,t[day],t[id],,-1)', '3'],
    ['XLOOKUP([@time],t[day],t[id],,1)', '1'],
    ['XLOOKUP(0.3,t[time],t[id],,-1)', '1'],
    ['XLOOKUP(0.25,t[time],t[id])', '1'],
    ['XLOOKUP([@at],t[time],t[id],,-1)', '3'],
    ['XLOOKUP(46331.5,t[at],t[id])', '2'],
    ['XLOOKUP(46331,t[at],t[id],,1)', '2'],
    ['XLOOKUP([@day],t[serial],t[id])', '2'],
    ['XLOOKUP([@at],t[serial],t[id],,-1)', '2'],
    ['XLOOKUP([@moment],t[serial],t[id],,1)', '3'],
    ['RANK([@time],t[day])', '#N/A'],
  ])('%s is %s', (formula, wanted) => {
    expect([asked(formula, false), asked(formula, true)]).toEqual([wanted, wanted])
  })

  it.each<readonly [string, string]>([
    ['XLOOKUP("12:30",t[time],t[id])', '2'],
    ['XLOOKUP("2026-11-05",t[day],t[id])', '2'],
    ['XLOOKUP(46331.5,t[moment],t[id])', '2'],
    ['XLOOKUP(46331,t[moment],t[id],,1)', '2'],
    // A column of moments in UTC is local in each of its cells.
    ['SUM(HOUR(t[moment]))', '20'],
    ['SUM((t[moment]<=46331.5)*1)', '2'],
    ['RELATED(t[day],[@id])*1', '46331'],
  ])('in a sheet: %s is %s', (formula, wanted) => {
    expect(asked(formula, false)).toBe(wanted)
  })

  it.each<readonly [string, string]>([
    ['COUNTIF(DATE(2026,11,{3,5,20}),"<46331")', '1'],
    ['COUNTIF(DATE(2026,11,{3,5,20}),"<>46331")', '2'],
    ['COUNTIF(DATE(2026,11,{3,5,20}),46331)', '1'],
    ['COUNTIF(DATE(2026,11,{3,5,20}),"<="&INT([@at]))', '2'],
    ['COUNTIF(DATE(2026,11,{3,5,20}),"<="&[@time])', '0'],
    ['COUNTIF(DATE(2026,11,{3,5,20}),INDEX({46331,"x"},1))', '1'],
    ['COUNTIF(TIME({6,12,23},30,0),"6:30 AM")', '1'],
    ['COUNTIF(TIME({6,12,23},30,0),">=12:30:00")', '2'],
    ['COUNTIF(TIME({6,12,23},30,0),">0.5")', '2'],
    ['COUNTIF(TIME({6,12,23},30,0),"<"&[@at])', '3'],
    ['COUNTIF({46330,46331},"<="&[@at])', '2'],
    ['COUNTIFS(t[day],INDEX({46331,"x"},1))', '1'],
    ['COUNTIFS(t[time],INDEX({0.25,"x"},1))', '1'],
    ['XLOOKUP(INDEX({46331,"x"},1),t[day],t[id])', '2'],
    ['XLOOKUP(INDEX({"x",46331},1),t[day],t[id],0)', '0'],
    ['MATCH(INT([@at]),t[day],0)', '2'],
    ['MATCH(0.3,t[time],1)', '1'],
    ['VLOOKUP(46331,CHOOSE({1,2},t[day],t[id]),2,FALSE)', '2'],
    ['DSUM({"d","n";43831,1;43840,2},"n",{"d";">=1/5/2020"})', '2'],
    ['DSUM({"d","n";43831,1;43840,2},"n",{"d";"1/1/2020"})', '1'],
    ['DGET({"d","n";43831,1;43840,2},"n",{"d";">=1/5/2020"})', '2'],
    ['DCOUNT({"d","n";0.25,1;0.75,2},"n",{"d";"<12:00"})', '1'],
  ])('over arrays: %s is %s', (formula, wanted) => {
    expect(asked(formula, true)).toBe(wanted)
  })
})
