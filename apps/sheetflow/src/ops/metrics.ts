import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { RoleReport } from '../runtime/role.ts'

/**
 * `/metrics` in Prometheus' text form, from what the roles report: `sheetflow_<name>{role="capture:shop"}`. Texts are left out, numbers that
 * a role stops reporting disappear. No key or predicate value ever becomes a label.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #gauges = new Map<string, Gauge<'role'>>()

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /** Content type and text. */
  async text(reports: Readonly<Record<string, RoleReport>>): Promise<{ type: string; body: string }> {
    for (const gauge of this.#gauges.values()) gauge.reset()
    for (const [role, report] of Object.entries(reports)) {
      this.#gauge('role_ready').set({ role }, report.state === 'ready' ? 1 : 0)
      for (const [name, value] of Object.entries(report.values)) {
        if (typeof value === 'number' && Number.isFinite(value)) this.#gauge(name).set({ role }, value)
      }
    }
    return { type: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  #gauge(name: string): Gauge<'role'> {
    const known = this.#gauges.get(name)
    if (known !== undefined) return known
    const gauge = new Gauge({
      name: `sheetflow_${name}`,
      help: `${name.replaceAll('_', ' ')}, see docs/operations.md`,
      labelNames: ['role'],
      registers: [this.#registry],
    })
    this.#gauges.set(name, gauge)
    return gauge
  }
}
