import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { METRIC_HELP } from './metric-help.ts'
import { Metrics } from './metrics.ts'

test('what only grows is a counter, with what it means; a number that is gone is gone', async () => {
  const metrics = new Metrics('1.2.3')
  const reports = (rows: number): Parameters<Metrics['text']>[0] => ({
    'capture:shop': { state: 'ready', values: { source_rows_total: rows, source_lag_ms: 3, source_status: 'following' } },
    'store:main': { state: 'waiting', values: { 'store_position{stream="SF_GRAPH_sales"}': 9 } },
  })
  await metrics.text(reports(5))
  const { body } = await metrics.text(reports(7))
  expect(body).toContain('# HELP sheetflow_source_rows_total rows read from the change log\n# TYPE sheetflow_source_rows_total counter')
  expect(body).toContain('sheetflow_source_rows_total{role="capture:shop"} 7')
  expect(body).toContain('# TYPE sheetflow_source_lag_ms gauge')
  expect(body).toContain('sheetflow_store_position{role="store:main",stream="SF_GRAPH_sales"} 9')
  expect(body).toContain('sheetflow_role_ready{role="store:main"} 0')
  expect(body).not.toContain('following')
  expect((await metrics.text({})).body).not.toMatch(/^sheetflow_source_rows_total\{/m)
})

test('the document for operations names every number', () => {
  const text = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  expect(Object.keys(METRIC_HELP).filter((name) => !text.includes(`\`${name}\``))).toEqual([])
})
