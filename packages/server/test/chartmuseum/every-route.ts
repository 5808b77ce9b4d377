// The router's own table of ChartMuseum's routes, with everything switched on that can be.
import { type ChartMuseumRoutesOptions, chartmuseumRoutes } from '../../src/chartmuseum/chartmuseum-routes.ts'
import type { Route } from '../../src/routes/route.ts'

const config = { depth: 1, api: true, delete: true, webTemplates: '/', artifactHubIds: new Map([['', 'x']]) }

export const everyRoute: readonly Route[] = chartmuseumRoutes({ config } as unknown as ChartMuseumRoutesOptions)
