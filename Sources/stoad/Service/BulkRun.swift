internal import StoaBase
internal import StoaEngine
internal import StoaModel
internal import StoaWire
