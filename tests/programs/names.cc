/* SPDX-License-Identifier: MIT */
/* Functions whose names C++ has to mangle. */
#include <cstdio>
#include <map>
#include <string>

namespace outer
{
namespace
{
template <typename T> struct box {
	T content;

	__attribute__((noinline)) T operator+(const T &other) const
	{
		return content + other;
	}
};
}

struct shape {
	virtual ~shape() = default;
	virtual int area(std::map<std::string, int> &) const noexcept = 0;
};

struct square : shape {
	int area(std::map<std::string, int> &sizes) const noexcept override
	{
		return sizes["side"] * sizes["side"];
	}
};
}

template <int N, typename... T> __attribute__((noinline)) int count(T...)
{
	return N + sizeof...(T);
}

int main()
{
	std::map<std::string, int> sizes;
	outer::square square;
	auto lambda = [](int (*function)(char *, ...)) { return function == nullptr; };
	int n = square.area(sizes) + count<-3>(1, 'c', "s") + lambda(nullptr);

	n += static_cast<int>((outer::box<std::string>{ "a" } + "b").size());
	std::printf("%d\nREADY\n", n);
	std::fflush(stdout);
	std::getchar();
}
