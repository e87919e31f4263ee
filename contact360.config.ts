import { gateway, legacy, rest, v1, v2, v3 } from '@contact360/openapi';
import { defineConfig, rpc } from '@contact360/server';
import { plugins } from './contact360.plugins.ts';

/** The product: its plugins and the faces they are offered through. */
export default defineConfig({ plugins, faces: [rpc(), rest([...legacy, ...v1, ...v2, ...v3, ...gateway])] });
