import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { RoleReport } from '../runtime/role.ts'

/**
 * `/metrics` in Prometheus' text form, from what the roles report: `sheetflow_<name>{role="capture:shop"}`, with the labels that the name brings
 * (`store_position{stream="SF_GRAPH_sales"}`). Texts are left out, numbers that a role stops reporting disappear. No key or predicate value ever
 * becomes a label.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #gauges = new Map<string, Gauge>()

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
    for (const gauge of this.#gauges.values()) gauge.reset()
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
    const gauge = this.#gauges.get(name) ?? this.#newGauge(name, ['role', ...Object.keys(labels)])
    gauge.set({ role, ...labels }, value)
  }

  #newGauge(name: string, labelNames: readonly string[]): Gauge {
    const help = `${name.replaceAll('_', ' ')}, see docs/operations.md`
    const gauge = new Gauge({ name: `sheetflow_${name}`, help, labelNames: [...labelNames], registers: [this.#registry] })
    this.#gauges.set(name, gauge)
    return gauge
  }
}

/** `store_position{stream="SF_GRAPH_sales"}` → its name and labels. */
function splitLabels(fullName: string): { readonly name: string; readonly labels: Readonly<Record<string, string>> } {
  const at = fullName.indexOf('{')
  if (at < 0) return { name: fullName, labels: {} }
  const labels = [...fullName.slice(at).matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])
  return { name: fullName.slice(0, at), labels: Object.fromEntries(labels) as Record<string, string> }
}
