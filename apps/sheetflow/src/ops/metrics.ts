import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { METRIC_HELP } from './metric-help.ts'
import type { RoleReport } from '../runtime/role.ts'

/**
 * `/metrics` in Prometheus' text form, from what the roles report: `sheetflow_<name>{role="capture:shop"}`, with the labels that the name brings
 * (`store_position{stream="SF_GRAPH_sales"}`). What ends in
 * `_total` is a counter, the rest are gauges. Texts are left out, numbers that a role stops reporting disappear. No key or predicate value ever
 * becomes a label.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #known = new Map<string, Counter | Gauge>()

  constructor(version: string) {
    collectDefaultMetrics({ register: this.#registry })
    const info = new Gauge({
      name: 'sheetflow_build_info',
      help: 'always 1; the version is a label',
      labelNames: ['version'],
      registers: [this.#registry],
    })
    info.set({ version }, 1)
  }

  /** Content type and text. */
  async text(reports: Readonly<Record<string, RoleReport>>): Promise<{ type: string; body: string }> {
    for (const metric of this.#known.values()) metric.reset()
    for (const [role, report] of Object.entries(reports)) {
      this.#set('role_ready', role, report.state === 'ready' ? 1 : 0)
      for (const [name, value] of Object.entries(report.values)) {
        if (typeof value === 'number' && Number.isFinite(value)) this.#set(name, role, value)
      }
    }
    return { type: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  #set(fullName: string, role: string, value: number): void {
    const { name, labels } = splitLabels(fullName)
    const metric = this.#known.get(name) ?? this.#newMetric(name, ['role', ...Object.keys(labels)])
    // A counter only grows by steps; it was put back to nothing before.
    if (metric instanceof Counter) metric.inc({ role, ...labels }, Math.max(0, value))
    else metric.set({ role, ...labels }, value)
  }

  #newMetric(name: string, labelNames: readonly string[]): Counter | Gauge {
    const options = {
      name: `sheetflow_${name}`,
      help: METRIC_HELP[name] ?? name.replaceAll('_', ' '),
      labelNames: [...labelNames],
      registers: [this.#registry],
    }
    const metric = name.endsWith('_total') ? new Counter(options) : new Gauge(options)
    this.#known.set(name, metric)
    return metric
  }
}

/** `store_position{stream="SF_GRAPH_sales"}` → its name and labels. */
function splitLabels(fullName: string): { readonly name: string; readonly labels: Readonly<Record<string, string>> } {
  const at = fullName.indexOf('{')
  if (at < 0) return { name: fullName, labels: {} }
  const labels = [...fullName.slice(at).matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])
  return { name: fullName.slice(0, at), labels: Object.fromEntries(labels) as Record<string, string> }
}
