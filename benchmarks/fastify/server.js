// Peer: Fastify with pg. Named (prepared) statements, JSON schemas on both sides, nothing else switched on.
'use strict'

const pool = new (require('pg').Pool)({ connectionString: process.env.DATABASE_URL, max: 10 })
const server = require('fastify')()

const integer = { type: 'integer' }
const text = { type: 'string' }
const fields = {
  id: integer, name: text, description: { ...text, nullable: true }, price: text, stock: integer,
  active: { type: 'boolean' }, category_id: integer, created_at: { ...text, format: 'date-time' }
}
const object = (properties, required = []) => ({ type: 'object', properties, required })
const page = (item) => object({ items: { type: 'array', items: item }, next: { ...integer, nullable: true } })
const product = object(fields)
const nested = object({ ...fields, category: object({ id: integer, name: text }) })
const paging = { category_id: integer, limit: { ...integer, default: 20 }, after: { ...integer, default: 0 } }
const body = object({
  name: { ...text, minLength: 1, maxLength: 120 }, description: { ...text, nullable: true },
  price: { type: 'number', exclusiveMinimum: 0 }, stock: { ...integer, default: 0 }, category_id: integer
}, ['name', 'price', 'category_id'])

const columns = 'p.id, p.name, p.description, p.price, p.stock, p.active, p.category_id, p.created_at'
const sql = {
  one: `select ${columns} from product p where p.id = $1`,
  all: `select ${columns} from product p where p.id > $1 order by p.id limit $2`,
  some: `select ${columns} from product p where p.id > $1 and p.category_id = $3 order by p.id limit $2`,
  nested: `select ${columns}, c.name as category_name from product p join category c on c.id = p.category_id
           where p.id > $1 order by p.id limit $2`,
  create: `insert into product as p (name, description, price, stock, category_id) values ($1, $2, $3, $4, $5) returning ${columns}`
}
const rows = async (name, values) => (await pool.query({ name, text: sql[name], values })).rows
const paged = (items) => ({ items, next: items.length ? items[items.length - 1].id : null })

server.get('/products/:id', { schema: { params: object({ id: integer }), response: { 200: product } } }, async (request, reply) => {
  const [found] = await rows('one', [request.params.id])
  return found ?? reply.code(404).send({})
})

server.get('/products', { schema: { querystring: object(paging), response: { 200: page(product) } } }, async ({ query }) => {
  const values = [query.after, query.limit]
  return paged(query.category_id === undefined ? await rows('all', values) : await rows('some', [...values, query.category_id]))
})

server.get('/nested', { schema: { querystring: object(paging), response: { 200: page(nested) } } }, async ({ query }) => {
  const items = await rows('nested', [query.after, query.limit])
  for (const item of items) item.category = { id: item.category_id, name: item.category_name }
  return paged(items)
})

server.post('/products', { schema: { body, response: { 201: product } } }, async (request, reply) => {
  const { name, description = null, price, stock, category_id: category } = request.body
  try {
    const [made] = await rows('create', [name, description, price, stock, category])
    return reply.code(201).send(made)
  } catch (error) {
    if (error.code !== '23503') throw error
    return reply.code(422).send({ detail: 'no such category' })
  }
})

server.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
