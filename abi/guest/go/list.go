//go:build wasip1

package millrace

import "encoding/binary"

// A list as host and guest exchange it: a count, then for each entry the name's length, the name,
// the value's length (-1 for none) and the value; all numbers little-endian, 4 bytes.

const none = ^uint32(0)

func encode(headers []Header) []byte {
	if len(headers) == 0 {
		return nil
	}
	list := binary.LittleEndian.AppendUint32(nil, uint32(len(headers)))
	for _, header := range headers {
		list = binary.LittleEndian.AppendUint32(list, uint32(len(header.Name)))
		list = append(list, header.Name...)
		if header.Value == nil {
			list = binary.LittleEndian.AppendUint32(list, none)
		} else {
			list = binary.LittleEndian.AppendUint32(list, uint32(len(header.Value)))
			list = append(list, header.Value...)
		}
	}
	return list
}

func decode(list []byte) []Header {
	if list == nil {
		return nil
	}
	number := func() uint32 {
		n := binary.LittleEndian.Uint32(list)
		list = list[4:]
		return n
	}
	take := func(length uint32) []byte {
		taken := list[:length:length]
		list = list[length:]
		return taken
	}
	headers := make([]Header, number())
	for i := range headers {
		headers[i].Name = string(take(number()))
		if length := number(); length != none {
			headers[i].Value = take(length)
		}
	}
	return headers
}
