import { defineConfig, secret } from 'sheetflow'

export default defineConfig({
  // Where `npm start` keeps it, so that `sheetflow lint`, `test`, `explain` and `status` in this folder know the shop's tables.
  data: '../../.sheetflow',
  sources: {
    shop: { type: 'postgres', url: secret('SHOP_URL'), tables: ['public.*'], commands: './commands/shop.ts' },
  },
  workbooks: 'workbooks',
  serve: { page: 'page', identity: { dev: { sub: '7', role: 'clerk', tenant: 1 } } },
})
