import { defineConfig, secret } from 'sheetflow'

export default defineConfig({
  sources: {
    shop: { type: 'postgres', url: secret('SHOP_URL'), tables: ['public.*'], commands: './commands/shop.ts' },
  },
  workbooks: 'workbooks',
  serve: { page: 'page', identity: { dev: { sub: '7', role: 'clerk', tenant: 1 } } },
})
